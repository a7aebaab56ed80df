import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const folder = import.meta.dirname;

/** What each example must print; an example that is not named here fails the last test. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  "two-agents.ts": /relay races: carry it forward; do not look back \(two findings are enough for a paragraph\)/,
  "plain-function-agent.ts": /^completed - charged in attempt 2\nfailed - there is nothing to charge for\n$/,
  "approval.ts":
    /asked: \{ deploy: 'v1\.2\.0' \}\ncompleted - deployed\n0 handoff caller\n1 wait deploy\n2 handoff ann\n3 complete deploy\n/,
  "testing-agents-alone.ts": passes(2),
  "testing-crashes.ts": passes(13),
  "testing-in-simulation.ts": passes(1),
  "testing-langchain-agents.ts": passes(2),
  "testing-on-local.ts": passes(1),
  "testing-your-relay.ts": passes(3),
  "writing-a-driver.ts": /^(\d+) of \1 promises kept\n$/,
  "langchain-two-agents.ts": /^The file has 1204 rows\.\n$/,
};

/** What the test runner of Node prints at its end, in whichever form. */
function passes(tests: number): RegExp {
  return new RegExp(`pass ${tests}\n.*fail 0\n`);
}

const programs = (await readdir(folder)).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));

it.each(programs)("%s runs and prints what it promises", async (program) => {
  const expected = EXPECTED[program];
  if (expected === undefined) throw new Error(`say in EXPECTED what ${program} must print`);
  const directory = await mkdtemp(join(tmpdir(), "agenthandoff-example-"));
  try {
    const tsx = import.meta.resolve("tsx");
    const args = ["--conditions=@agenthandoff/source", "--import", tsx, join(folder, program)];
    const { stdout } = await run(process.execPath, args, { cwd: directory });
    expect(stdout).toMatch(expected);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
