import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CURRENT, type FuzzProgress, type FuzzSettings } from "./settings.js";
import type { Targets } from "./targets/index.js";

export interface FuzzRequest {
  /** Of fuzzing, in all. */
  readonly minutes: number;
  /** Which of the targets; default: all. */
  readonly targets?: readonly string[];
  readonly seed?: number;
  /** Where inputs are kept, so that a later run begins where this one ended. */
  readonly directory?: string;
  readonly onProgress: (line: string) => void;
  /** After so many crashes a target is given up; default: 5. */
  readonly maxCrashes?: number;
  /** The path or URL of a file that exports other `TARGETS`, for tests of the fuzzer itself. */
  readonly module?: string;
}

export interface FuzzSummary {
  /** Of fuzzing, in all: without what it takes a process to begin. */
  readonly minutes: number;
  readonly executions: number;
  readonly findings: number;
  readonly targets: readonly TargetSummary[];
}

export interface TargetSummary {
  readonly name: string;
  readonly executions: number;
  readonly minutes: number;
  /** In this run, whether or not they were found before. */
  readonly findings: number;
  /** Places in the code. */
  readonly seen: number;
}

const DEFAULT_MODULE: string = join(import.meta.dirname, "targets/index.ts");
const DEFAULT_DIRECTORY: string = resolve(import.meta.dirname, "../../out/fuzz");
/** A process that says nothing hangs: when it has worked for so long, or waited for so long. */
const SILENCE = { workedSeconds: 30, waitedSeconds: 300 };
/** So that a bomb ends the process, not the machine. */
const MAX_HEAP_MEGABYTES = 1_024;
const MAX_RESIDENT_BYTES = 2 * 1024 ** 3;

/**
 * Fuzzes one target after another, each in a process of its own, which may crash, hang or fill its memory.
 * @throws RangeError when there is no such target
 */
export async function proveFuzz(request: FuzzRequest): Promise<FuzzSummary> {
  const directory = request.directory ?? DEFAULT_DIRECTORY;
  const module = request.module ?? DEFAULT_MODULE;
  const known = Object.keys(((await import(module)) as { readonly TARGETS: Targets }).TARGETS);
  const names = request.targets ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`there is no target ${unknown}; there are ${known.join(", ")}`);
  const seconds = (request.minutes * 60) / names.length;
  const targets: TargetSummary[] = [];
  for (const [index, name] of names.entries()) {
    const seed = (request.seed ?? 1) + index;
    const settings = { target: name, module, seconds, seed, directory: join(directory, name) };
    const { executions, seen, findings, seconds: spent } = await fuzzOne(settings, request);
    targets.push({ name, executions, minutes: inMinutes(spent), findings, seen });
    request.onProgress(`${name}: ${executions} executions, ${seen} places seen, ${findings} findings`);
  }
  const sum = (count: (target: TargetSummary) => number) => targets.reduce((total, each) => total + count(each), 0);
  return {
    minutes: Math.round(100 * sum(({ minutes }) => minutes)) / 100,
    executions: sum(({ executions }) => executions),
    findings: sum(({ findings }) => findings),
    targets,
  };
}

const inMinutes = (seconds: number): number => Math.round((100 * seconds) / 60) / 100;

async function fuzzOne(settings: FuzzSettings, { maxCrashes = 5, onProgress }: FuzzRequest): Promise<FuzzProgress> {
  const findings = join(settings.directory, "findings");
  await mkdir(findings, { recursive: true });
  let total = NOTHING;
  for (let crashes = 0; crashes < maxCrashes; crashes++) {
    const seconds = settings.seconds - total.seconds;
    if (seconds <= 0) break;
    const { how, progress } = await runProcess({ ...settings, seconds, seed: settings.seed + 1_000 * crashes });
    total = {
      executions: total.executions + progress.executions,
      seen: Math.max(total.seen, progress.seen),
      findings: total.findings + progress.findings + (how === "done" ? 0 : 1),
      seconds: total.seconds + progress.seconds,
    };
    if (how === "done") break;
    const file = join(findings, `${settings.target}-${how}-${settings.seed}-${crashes}`);
    await writeFile(file, await lastInput(settings));
    onProgress(`FOUND in ${settings.target}: ${how}, input in ${file}`);
  }
  return total;
}

const NOTHING: FuzzProgress = { executions: 0, seen: 0, findings: 0, seconds: 0 };

interface Ending {
  readonly how: "done" | "crash" | "hang" | "memory";
  readonly progress: FuzzProgress;
}

async function runProcess(settings: FuzzSettings): Promise<Ending> {
  // That of an earlier process says nothing of this one.
  await rm(join(settings.directory, CURRENT), { force: true });
  const child = fork(join(import.meta.dirname, "fuzz-process.ts"), [JSON.stringify(settings)], {
    execArgv: [
      "--conditions=@agenthandoff/source",
      `--max-old-space-size=${MAX_HEAP_MEGABYTES}`,
      ...["--import", "tsx", "--import", new URL("./guidance/register.ts", import.meta.url).href],
    ],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let progress = NOTHING;
  let heard = { at: performance.now(), worked: 0 };
  let killedFor: "hang" | "memory" | undefined;
  child.on("message", async (message) => {
    progress = message as FuzzProgress;
    heard = { at: performance.now(), worked: (await usage(child)).processorSeconds };
  });
  const watch = setInterval(async () => {
    const { processorSeconds, residentBytes } = await usage(child);
    // By its own time: on a busy machine a process may be silent for long because it gets none.
    if (processorSeconds - heard.worked > SILENCE.workedSeconds) killedFor ??= "hang";
    else if (performance.now() - heard.at > SILENCE.waitedSeconds * 1_000) killedFor ??= "hang";
    else if (residentBytes > MAX_RESIDENT_BYTES) killedFor ??= "memory";
    if (killedFor !== undefined) child.kill("SIGKILL");
  }, 1_000);
  const [code] = (await once(child, "exit")) as [number | null];
  clearInterval(watch);
  return { how: code === 0 ? "done" : (killedFor ?? "crash"), progress };
}

/** What a process has used; zero where the machine does not tell. */
async function usage({ pid }: ChildProcess): Promise<{ processorSeconds: number; residentBytes: number }> {
  const [stat, status] = await Promise.all(
    ["stat", "status"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
  );
  // After the name, which may hold spaces: the 12th and 13th field, in hundredths of a second.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return {
    processorSeconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100,
    residentBytes: 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status ?? "")?.[1] ?? 0),
  };
}

async function lastInput({ target, directory }: FuzzSettings): Promise<Uint8Array> {
  const bytes = await readFile(join(directory, CURRENT)).catch((cause: unknown) => {
    throw new Error(`the process that fuzzes ${target} ended before its first input: see what it wrote above`, {
      cause,
    });
  });
  return bytes.length < 4 ? bytes : bytes.subarray(4, 4 + bytes.readUInt32LE(0));
}
