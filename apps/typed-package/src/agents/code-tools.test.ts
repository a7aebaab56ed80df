import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

/** Every module that a module of this app imports, by way of others too. Imports of types alone bring no code along. */
async function importsOf(file: URL, seen = new Map<string, string>()): Promise<Map<string, string>> {
  if (seen.has(file.href)) return seen;
  const source = await readFile(file, "utf8");
  seen.set(file.href, source);
  // Templates hold imports of the packages they make: only those at the head of a module are its own.
  const head =
    source.split(/^(?:const|function|async|class|interface|type|export (?:const|function|interface|type))\b/m)[0] ?? "";
  const imports = head.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from "(?<path>\.[^"]+)\.js";/gms);
  for (const { groups } of imports) await importsOf(new URL(`${groups?.path}.ts`, file), seen);
  return seen;
}

describe("Code's tools", () => {
  it("cannot read the task's file: nothing they reach opens files or asks the context for an artifact of the caller", async () => {
    const modules = await importsOf(new URL("./code-tools.ts", import.meta.url));
    const names = [...modules.keys()].map((href) => href.split("/src/")[1]);
    expect(names).toContain("agents/package-desk.ts");
    expect(names).toContain("generate/generate.ts");
    expect(names.filter((name) => /^(formats|check|pack)\/|task-input/.test(name ?? ""))).toEqual([]);
    for (const [href, source] of modules) {
      // The desk alone touches the context, and there only what Code itself wrote.
      if (!href.endsWith("/package-desk.ts")) expect(source, href).not.toMatch(/handoffFrom|\.artifacts?\(/);
    }
    expect(modules.get([...modules.keys()].find((href) => href.endsWith("/package-desk.ts")) ?? "")).toContain(
      "name.startsWith(folder)",
    );
  });
});
