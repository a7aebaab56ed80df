import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const MODEL = resolve(import.meta.dirname, "../../model/handoff.pml");
const FILE = "handoff.pml";
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** How much of the world the model contains: everything within these numbers is tried. */
export interface Bound {
  /** Places in the chain; the last one cannot hand on. */
  readonly slots: 4 | 5;
  readonly workers: 1 | 2;
  /** Callers of start, cancel, retry and resume. */
  readonly operators: 1 | 2;
  /** Calls that each of them makes, the start among them; a call that is repeated after a crash counts once. */
  readonly calls: number;
  /** Crashes, lost replies, late puts, lost, doubled and dropped messages, lost leases, early reconciling: in all. */
  readonly faults: number;
}

/**
 * `invariants`: does each assertion hold in every state, and is all as it should be where nothing can happen any more?
 * `progress`: the assertions again, and does every run come to such an end, or can one go round for ever?
 */
export type Question = "invariants" | "progress";

export interface Verdict {
  readonly states: number;
  /** The longest run without a repeated state, in steps. */
  readonly depth: number;
  readonly violation?: Violation;
  /** Steps of the model that were never taken, as `process:line:step`. Of use where nothing was violated. */
  readonly unreached: readonly string[];
}

export interface Violation {
  /** As the simulation names it: I1, I2, …, audited-before-sent. */
  readonly invariant: string;
  /** The assertion that failed. */
  readonly what: string;
  /** How it came to that, a line a step. */
  readonly steps: readonly string[];
}

export interface CheckOptions {
  /** Compile for a short search, not for a long one. */
  readonly quick?: boolean;
  readonly maxMemoryMb?: number;
}

export async function readModel(): Promise<string> {
  return await readFile(MODEL, "utf8");
}

/** Which of the programs that a check needs are not installed. */
export async function missingPrograms(): Promise<string[]> {
  const checks = [
    ["spin", "-V"],
    ["gcc", "--version"],
  ] as const;
  const missing = await Promise.all(
    checks.map(([name, option]) =>
      run(name, [option]).then(
        () => undefined,
        () => name,
      ),
    ),
  );
  return missing.filter((name) => name !== undefined);
}

/**
 * Tries every run of the model within a bound, and stops at the first violation.
 * @throws Error when the model does not compile, or memory or depth did not suffice: then nothing is proved
 */
export async function check(
  model: string,
  bound: Bound,
  question: Question,
  { quick = false, maxMemoryMb = 8_000 }: CheckOptions = {},
): Promise<Verdict> {
  const cwd = await mkdtemp(join(tmpdir(), "handoff-model-"));
  const definitions = Object.entries(bound).map(([name, value]) => `-D${name.toUpperCase()}=${value}`);
  try {
    await writeFile(join(cwd, FILE), model);
    const { stdout } = await run("spin", ["-a", ...definitions, FILE], { cwd });
    if (/rror:/.test(stdout)) throw new Error(`spin does not understand the model: ${stdout}`);
    const flags = [quick ? "-O0" : "-O1", question === "progress" ? "-DNP" : "-DSAFETY", `-DMEMLIM=${maxMemoryMb}`];
    // Every step touches what all see, so leaving out orders would save nothing; without it, each state is a real one.
    // A long search has more states than memory has room for as they are.
    await run("gcc", ["-w", ...flags, "-DNOREDUCE", ...(quick ? [] : ["-DCOLLAPSE"]), "-o", "pan", "pan.c"], { cwd });
    const search = ["-m10000", ...(question === "progress" ? ["-l"] : [])];
    const pan = await run("./pan", search, { cwd, maxBuffer: MAX_OUTPUT_BYTES }).catch((error: Error) => {
      throw new Error(`the search was not exhaustive: ${error.message}`, { cause: error });
    });
    return await judge(pan.stdout, cwd, definitions);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

async function judge(output: string, cwd: string, definitions: readonly string[]): Promise<Verdict> {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  const figures = { states: number(/([\d.e+]+) states, stored/), depth: number(/depth reached (\d+)/) };
  const errors = number(/errors: (\d+)/);
  if (errors > 0) {
    const what = /^pan:\d+: (.*?)(?: \(at depth \d+\))?$/m.exec(output)?.[1] ?? "something else";
    return { ...figures, unreached: [], violation: await explain(what, cwd, definitions) };
  }
  // Without this a search that was cut short would pass for a proof.
  if (errors !== 0 || Number.isNaN(figures.states) || /not completed|too small|out of memory|aborted/.test(output))
    throw new Error(`the search was not exhaustive: ${output.slice(0, 2_000)}`);
  return { ...figures, unreached: unreachedSteps(output) };
}

async function explain(what: string, cwd: string, definitions: readonly string[]): Promise<Violation> {
  const { stdout } = await run("spin", ["-t", "-p", ...definitions, FILE], { cwd, maxBuffer: MAX_OUTPUT_BYTES });
  const lines = (await readFile(join(cwd, FILE), "utf8")).split("\n");
  const failed = lines[Number(/handoff\.pml:(\d+), Error: assertion/.exec(stdout)?.[1] ?? 0) - 1];
  // What is no assertion is a task that does not come to rest: a process that waits for ever, or goes round for ever.
  const invariant = failed?.match(/\/\* (I\d+|[a-z-]+) \*\/$/)?.[1] ?? "I11";
  return {
    invariant,
    what: failed === undefined ? what : `${what} (${failed.trim().replace(/\s+/g, " ")})`,
    steps: stepsOf(stdout),
  };
}

/** What tells a reader nothing: where a process stands in its text, what it forgets, and assertions that hold. */
const DULL =
  /^(?:else|goto .*|\.\(goto\)|\(?1\)?|break|IF|DO|D_STEP\d+|(?:head|at|mine|sends|target|why|seen|hop) = 0|assert.*)$/;

/** A replay up to the violation. */
function stepsOf(replay: string): string[] {
  const steps: string[] = [];
  let violated = false;
  for (const line of replay.split("\n")) {
    const step = /proc +(\d+) \((\w+):\d+\) handoff\.pml:(\d+) \(state \d+\)\s+\[(.*)\]/.exec(line);
    if (/Error: assertion/.test(line)) violated = true;
    else if (line.includes("START OF CYCLE")) steps.push("and from here on again and again:");
    else if (step !== null) {
      if (violated || !DULL.test(step[4] ?? "")) steps.push(`${step[2]} ${step[1]}, line ${step[3]}: ${step[4]}`);
      if (violated) break;
    }
  }
  return steps;
}

function unreachedSteps(output: string): string[] {
  const steps: string[] = [];
  let process = "";
  for (const line of output.split("\n")) {
    process = /^unreached in proctype (\w+)/.exec(line)?.[1] ?? process;
    const step = /^\s+handoff\.pml:(\d+), state (\d+), "(.*)"$/.exec(line);
    if (step !== null && step[3] !== "-end-") steps.push(`${process}:${step[1]}:${step[2]}`);
  }
  return steps;
}
