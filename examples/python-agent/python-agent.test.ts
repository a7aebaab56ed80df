import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeWithPython } from "@agenthandoff/test-servers/vitest";
import { beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const FOLDER = import.meta.dirname;
const requirements = join(FOLDER, "requirements.txt");

/** What the package made of each vector of a file. */
type Report = Readonly<Record<string, readonly { readonly vector: string; readonly result: string }[]>>;

/** How many vectors a file holds: the items of its lists, however they are grouped. Some say more than one thing. */
function countVectors(json: unknown, without: readonly string[] = []): number {
  if (Array.isArray(json)) return json.length;
  const groups = Object.entries(json as object).filter(([name]) => !without.includes(name));
  return groups.reduce((sum, [, group]) => sum + countVectors(group), 0);
}

const environment = { ...process.env, PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: "1" };

await describeWithPython({ name: "python-agent", requirements }, "the agent in Python", (python) => {
  let report: Report;
  beforeAll(async () => {
    const { stdout } = await run(python, [join(FOLDER, "tests/vectors.py")], { env: environment });
    report = JSON.parse(stdout) as Report;
  });

  it.each([
    "handoffs",
    "segments",
    "envelopes",
    "keys",
    "merge-plans",
    "requests",
    "values",
    "values-refused",
    "canonical",
  ])("reads, refuses and writes as %s.json of the protocol's vectors say", (name) => {
    const text = readFileSync(join(FOLDER, `../../docs/protocol/vectors/${name}.json`), "utf8");
    const results = report[name] ?? [];
    expect(results.filter(({ result }) => result !== "ok")).toEqual([]);
    // It leaves the messages of producers to workers that take them.
    expect(results.length).toBeGreaterThanOrEqual(countVectors(JSON.parse(text), ["unversioned"]));
  });

  it("keeps what its own tests promise of leases, runs, texts and values", async () => {
    const { stderr } = await run(python, ["-m", "unittest", join(FOLDER, "tests/test_worker.py")], {
      env: environment,
    });
    expect(stderr).toMatch(/^Ran (1[4-9]|[2-9]\d) tests/m);
    expect(stderr).toMatch(/^OK$/m);
  });
});
