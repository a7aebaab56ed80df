import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "@babel/parser";
import { describe, expect, it } from "vitest";

// The checker's own programs are not installed: its JavaScript is enough.
process.env.RECHECK_BACKEND = "pure";
const { check } = await import("recheck");

const root = resolve(import.meta.dirname, "../../..");
/** What runs on the processor until it is done; a fraction of it is needed. */
const TIMEOUT_MS = 60_000;

interface Found {
  readonly pattern: string;
  readonly flags: string;
  readonly where: string;
}

interface Token {
  readonly type: { readonly label?: string } | string;
  readonly value?: unknown;
  readonly loc: { readonly start: { readonly line: number } };
}

function inSource(path: string): Found[] {
  const { tokens } = parse(readFileSync(path, "utf8"), { sourceType: "module", plugins: ["typescript"], tokens: true });
  return ((tokens ?? []) as readonly Token[]).flatMap(({ type, value, loc }) => {
    if (typeof type === "string" || type.label !== "regexp") return [];
    const { pattern, flags } = value as { pattern: string; flags: string };
    return [{ pattern, flags, where: `${path.slice(root.length + 1)}:${loc.start.line}` }];
  });
}

/** The patterns of the published schemas, which other languages run; some of them are zod's. */
function inSchema(path: string): Found[] {
  const found: Found[] = [];
  JSON.parse(readFileSync(path, "utf8"), (key, value: unknown) => {
    if (key === "pattern" && typeof value === "string")
      found.push({ pattern: value, flags: "u", where: path.slice(root.length + 1) });
    return value;
  });
  return found;
}

function shippedSources(): string[] {
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name, "src")),
  );
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)))
    .filter((path) => path.endsWith(".ts") && !/\.test(?:-d)?\.ts$|\/testing\//.test(path));
}

const schemas = join(root, "docs/protocol/schemas");
const all = [
  ...shippedSources().flatMap(inSource),
  ...readdirSync(schemas).flatMap((name) => inSchema(join(schemas, name))),
];
const byText = new Map(all.map((each) => [`/${each.pattern}/${each.flags}`, each]));
const distinct = [...byText].map(([text, found]) => ({ ...found, title: `${text} in ${found.where}` }));

describe("every regular expression", () => {
  it("is found: those of the sources, and those of the published schemas", () => {
    const patterns = distinct.map(({ pattern }) => pattern);
    expect(patterns).toContain("^[a-z0-9][a-z0-9-]{0,62}$");
    expect(patterns).toContain("^[a-z][a-z0-9-]{0,31}$");
    expect(distinct.length).toBeGreaterThan(50);
  });

  it.each(distinct)("takes time in proportion to what it reads, or little: $title", async (found) => {
    const result = await check(found.pattern, found.flags, { timeout: TIMEOUT_MS });
    expect(result).toMatchObject({ status: "safe" });
  });

  it("would be refused by this check if it did not", async () => {
    for (const pattern of ["^(a+)+$", "\\d+$", "(?:x|xx)*y"])
      expect(await check(pattern, "", { timeout: TIMEOUT_MS })).toMatchObject({ status: "vulnerable" });
  });
});
