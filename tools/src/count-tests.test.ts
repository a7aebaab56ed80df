import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { countTests, type TestReport } from "./count-tests.js";

const root = join(import.meta.dirname, "../..");

describe("countTests", () => {
  const scratch = mkdtempSync(join(tmpdir(), "count-tests-"));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("counts what a real run of vitest passed, failed, skipped and could not load", () => {
    const importVitest = 'import { expect, it } from "vitest";\n';
    const files = {
      "vitest.config.mjs": `export default { resolve: { alias: { vitest: ${JSON.stringify(join(root, "node_modules/vitest"))} } } };`,
      "mixed.test.mjs": `${importVitest}it("a", () => {});\nit("b", () => expect(1).toBe(2));\nit.skip("c", () => {});\nit.todo("d");\n`,
      "good.test.mjs": `${importVitest}it("e", () => {});\n`,
      "unloadable.test.mjs": 'throw new Error("no tests");\n',
      "broken-hook.test.mjs": `${importVitest}import { afterAll } from "vitest";\nafterAll(() => { throw new Error("hook"); });\nit("f", () => {});\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(scratch, name), text);
    const report = join(scratch, "report.json");
    spawnSync(
      join(root, "node_modules/.bin/vitest"),
      ["run", "--root", scratch, "--reporter=json", `--outputFile.json=${report}`],
      { cwd: scratch },
    );
    expect(countTests(JSON.parse(readFileSync(report, "utf8")) as TestReport)).toEqual({
      passed: 3,
      failed: 3,
      skipped: 2,
    });
  });
});
