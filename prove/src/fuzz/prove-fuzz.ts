import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CURRENT, type FuzzProgress, type FuzzSettings } from "./settings.js";
import { TARGETS } from "./targets/index.js";

export interface FuzzRequest {
  /** Of fuzzing, in all. */
  readonly minutes: number;
  /** Which of the targets; default: all. */
  readonly targets?: readonly string[];
  readonly seed?: number;
  /** Where inputs are kept, so that a later run begins where this one ended. */
  readonly directory?: string;
  readonly onProgress: (line: string) => void;
}

export interface FuzzSummary {
  readonly minutes: number;
  readonly executions: number;
  readonly findings: number;
  readonly targets: readonly { readonly name: string; readonly executions: number; readonly seen: number }[];
}

const DEFAULT_DIRECTORY: string = resolve(import.meta.dirname, "../../out/fuzz");
/** A process that has said nothing for so long hangs, whatever else the machine does. */
const SILENCE_MS = 30_000;
/** So that a bomb ends the process, not the machine. */
const MAX_HEAP_MEGABYTES = 1_024;
const MAX_RESIDENT_BYTES = 2 * 1024 ** 3;
/** After so many crashes a target is given up. */
const MAX_CRASHES = 5;

/** Fuzzes one target after another, each in a process of its own, which may crash, hang or fill its memory. */
export async function proveFuzz(request: FuzzRequest): Promise<FuzzSummary> {
  const directory = request.directory ?? DEFAULT_DIRECTORY;
  const names = request.targets ?? Object.keys(TARGETS);
  const seconds = (request.minutes * 60) / names.length;
  const targets: FuzzSummary["targets"][number][] = [];
  const started = performance.now();
  let findings = 0;
  for (const [index, name] of names.entries()) {
    const settings = { target: name, seconds, seed: (request.seed ?? 1) + index, directory: join(directory, name) };
    const report = await fuzzOne(settings, request.onProgress);
    targets.push({ name, executions: report.executions, seen: report.seen });
    findings += report.findings;
    request.onProgress(
      `${name}: ${report.executions} executions, ${report.seen} places seen, ${report.findings} findings`,
    );
  }
  return {
    minutes: Math.round((performance.now() - started) / 6_000) / 10,
    executions: targets.reduce((sum, { executions }) => sum + executions, 0),
    findings,
    targets,
  };
}

async function fuzzOne(
  settings: FuzzSettings,
  onProgress: (line: string) => void,
): Promise<FuzzProgress & { readonly findings: number }> {
  const findings = join(settings.directory, "findings");
  await mkdir(findings, { recursive: true });
  const before = (await readdir(findings)).length;
  const end = performance.now() + settings.seconds * 1_000;
  let executions = 0;
  let seen = 0;
  for (let crashes = 0; crashes < MAX_CRASHES; crashes++) {
    const seconds = (end - performance.now()) / 1_000;
    if (seconds <= 0) break;
    const ending = await runProcess({ ...settings, seconds, seed: settings.seed + 1_000 * crashes });
    executions += ending.progress.executions;
    seen = Math.max(seen, ending.progress.seen);
    if (ending.how === "done") break;
    const file = join(findings, `${settings.target}-${ending.how}-${settings.seed}-${crashes}`);
    await writeFile(file, await lastInput(settings.directory));
    onProgress(`FOUND in ${settings.target}: ${ending.how}, input in ${file}`);
  }
  return { executions, seen, findings: (await readdir(findings)).length - before };
}

interface Ending {
  readonly how: "done" | "crash" | "hang" | "memory";
  readonly progress: FuzzProgress;
}

async function runProcess(settings: FuzzSettings): Promise<Ending> {
  const child = fork(join(import.meta.dirname, "fuzz-process.ts"), [JSON.stringify(settings)], {
    execArgv: [
      "--conditions=@agenthandoff/source",
      `--max-old-space-size=${MAX_HEAP_MEGABYTES}`,
      ...["--import", "tsx", "--import", new URL("./guidance/register.ts", import.meta.url).href],
    ],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let progress: FuzzProgress = { executions: 0, seen: 0 };
  let heard = performance.now();
  let killedFor: "hang" | "memory" | undefined;
  child.on("message", (message) => {
    progress = message as FuzzProgress;
    heard = performance.now();
  });
  const watch = setInterval(async () => {
    if (performance.now() - heard > SILENCE_MS) killedFor ??= "hang";
    else if ((await residentBytes(child)) > MAX_RESIDENT_BYTES) killedFor ??= "memory";
    if (killedFor !== undefined) child.kill("SIGKILL");
  }, 1_000);
  const [code] = (await once(child, "exit")) as [number | null];
  clearInterval(watch);
  return { how: code === 0 ? "done" : (killedFor ?? "crash"), progress };
}

/** Zero where the machine does not tell. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

async function lastInput(directory: string): Promise<Uint8Array> {
  const file = join(directory, CURRENT);
  const bytes = await readFile(file);
  await rm(file);
  return bytes.length < 4 ? bytes : bytes.subarray(4, 4 + bytes.readUInt32LE(0));
}
