import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

it("names one version of pnpm everywhere", () => {
  const { packageManager } = JSON.parse(read("package.json")) as { packageManager: string };
  for (const path of ["package.json", "CONTRIBUTING.md", ".changeset/README.md"]) {
    const pins = new Set(read(path).match(/pnpm@[\d.]+\d/g));
    expect([path, ...pins]).toEqual([path, packageManager]);
  }
});
