import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesOf, isModule, PURE_RUNTIME, REPOSITORY, readPart, SOURCES } from "./parts.js";

const read = (path: string): Promise<string> => readFile(join(REPOSITORY, SOURCES, path), "utf8");

/** What is left of a module without comments and types: does it decide anything, and does it wait for anything? */
const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
const waits = (text: string): boolean => /\b(async|await|Promise)\b/.test(code(text));
const decides = (text: string): boolean => /^(export )?(const|(async )?function)\b/m.test(code(text));

describe("mutation testing", () => {
  it.each(["codec", "protocol"] as const)("mutates every module of the %s, and runs its tests", async (name) => {
    const { modules, quickTests, slowTests } = await readPart(name);
    expect(modules).toEqual((await filesOf(name)).filter(isModule));
    expect(modules).toContain(`${name}/index.ts`);
    expect(quickTests.length + slowTests.length).toBeGreaterThan(10);
  });

  it("mutates every module of the runtime that decides something without waiting for anything", async () => {
    const pure: string[] = [];
    for (const path of (await filesOf("runtime")).filter(isModule)) {
      const text = await read(path);
      if (decides(text) && !waits(text)) pure.push(path);
    }
    expect(PURE_RUNTIME).toEqual(pure);
  });
});
