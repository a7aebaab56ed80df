import { join, relative } from "node:path";
import {
  type Backend,
  type Context,
  hasCode,
  type Relay,
  type Task,
  type TaskHead,
  type TaskResult,
} from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import { describeInput } from "../agents/task-input.js";
import { type AgentName, typedPackageRelay } from "../agents/typed-package-relay.js";
import { VERDICT, type Verdict, verdict } from "../check/verdict.js";
import { auditLines, repeatedSteps } from "./audit-text.js";
import { chooseModel } from "./choose-model.js";
import { inspectInput } from "./input-file.js";
import { freshTaskId, relayIdFor, taskIdFor } from "./naming.js";
import type { CliOptions } from "./options.js";
import { writeAudit, writePackage } from "./output.js";
import { type Printer, printable } from "./printer.js";
import { type Progress, receivedBy, toolReporter } from "./progress.js";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.js";

/** What `--json` prints. */
export interface Outcome {
  readonly status: TaskResult["status"];
  readonly taskId: string;
  readonly file: string;
  readonly rows: number;
  readonly rowsSampled: number;
  /** Why QA handed the package back, once for each time. */
  readonly handedBack: readonly string[];
  readonly package: string | undefined;
  readonly sha256: string | undefined;
  readonly audit: string;
  readonly reason: string | undefined;
  /** Nothing was run: the task had ended before. */
  readonly hadEnded: boolean;
  /** Agents that ran more than once for the same handoff. */
  readonly repeated: readonly { readonly agent: string; readonly hop: number; readonly attempts: number }[];
}

const number = new Intl.NumberFormat("en");

/** The head of a task, or undefined where there is none yet. */
async function headOf(task: Task): Promise<TaskHead | undefined> {
  try {
    return await task.head();
  } catch (error) {
    if (hasCode(error, "TASK_NOT_FOUND")) return undefined;
    throw error;
  }
}

/**
 * Runs one file through the relay, or takes it up where an earlier start left it, and writes what came of it.
 *
 * @throws InputError, InvalidOptionsError, BackendUnusableError … each saying what to do
 */
export async function runCli(options: CliOptions, printer: Printer, signal: AbortSignal): Promise<Outcome> {
  const { model, name: modelName } = await chooseModel(options.model);
  const inspected = await inspectInput(options.file);
  const { input, artifacts } = describeInput(options.file, inspected.bytes, {
    sampleRows: options.sampleRows,
    model: modelName,
  });
  const taskId =
    options.taskId ?? (options.crash === undefined ? taskIdFor(input) : freshTaskId(input, `crash-${options.crash}`));

  printer.line("AgentHandoff · typed-package: research → code → qa → deploy");
  printer.line(
    `input      ${input.file}${options.isDefaultFile ? " of vega-datasets" : ""}, ${inspected.kind.toUpperCase()}, ${number.format(input.bytes)} bytes, ${number.format(inspected.rows)} rows`,
  );
  printer.line(
    `model      ${options.model ?? "offline and rule-based: no language model; choose one with --model provider:name"}`,
  );
  printer.line(`task       ${taskId}`);
  printer.line();

  const backend: Backend = local({ directory: options.store });
  const report = (progress: Progress) => {
    if (progress.taskId === taskId) printer.progress(progress);
  };
  const relay = typedPackageRelay({
    id: relayIdFor(modelName),
    backend,
    model,
    onRun(agent, context) {
      report(receivedBy(agent, context));
      return [toolReporter(agent, context.taskId, report)];
    },
  });
  try {
    const task = relay.task(taskId);
    const before = await headOf(task);
    await relay.start({ to: "research", input, artifacts, taskId });
    const hadEnded = await tellWhatIsThere(before, task, options, printer);
    const result = hadEnded
      ? await task.result({ signal })
      : await work({ relay, task, before, options, printer, report, signal });
    return await conclude({ task, result, options, printer, hadEnded, rows: inspected.rows });
  } finally {
    await relay.close();
  }
}

/** Says what an earlier start has left; true where the task has ended and nothing is to be done. */
async function tellWhatIsThere(
  before: TaskHead | undefined,
  task: Task,
  options: CliOptions,
  printer: Printer,
): Promise<boolean> {
  if (before === undefined) return false;
  if (before.state === "failed" && options.retry) {
    printer.note(`This task failed before. It is tried again from there; what ${before.hop} hops learned is kept.`);
    await task.retry({ head: before.head });
    return false;
  }
  if (before.state !== "running") {
    const how = {
      completed: "completed",
      failed: "failed",
      canceled: "canceled",
      waiting: "is waiting",
      erased: "was erased",
    }[before.state];
    printer.note(`This task ${how} before: nothing is run again. Its result is written anew from the record.`);
    return true;
  }
  printer.note(
    `This task was begun before, and hop ${before.hop} is done. It goes on with ${before.agent}; nothing before is repeated.`,
  );
  printer.note("Where its last worker was killed, its lease runs out within 10 seconds.");
  return false;
}

interface Work {
  readonly relay: Relay<AgentName>;
  readonly task: Task;
  readonly before: TaskHead | undefined;
  readonly options: CliOptions;
  readonly printer: Printer;
  readonly report: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** Works until the task rests, and prints each hop as it is committed. */
async function work(context: Work): Promise<TaskResult> {
  const { task, before, printer, signal, options } = context;
  const done = new AbortController();
  const stop = AbortSignal.any([signal, done.signal]);
  const printing = printHops(task, before, printer, stop);
  try {
    const result =
      options.crash === undefined ? await workHere(context, stop) : await workAndCrash(context, options.crash);
    await printing.upTo(result);
    return result;
  } finally {
    done.abort();
    await printing.ended;
  }
}

/** Prints hops as they come. The last one is printed before the result is. */
function printHops(
  task: Task,
  before: TaskHead | undefined,
  printer: Printer,
  signal: AbortSignal,
): { ended: Promise<void>; upTo(result: TaskResult): Promise<void> } {
  let seen = before?.hop ?? 0;
  let wake = () => {};
  const follow = async () => {
    try {
      for await (const event of task.watch({ after: String(seen), signal })) {
        printer.hop(event);
        seen = event.hop;
        wake();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  const ended = follow();
  return {
    ended,
    async upTo(result) {
      while ("hop" in result && seen < result.hop && !signal.aborted) {
        await Promise.race([
          ended,
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
        ]);
      }
    },
  };
}

async function workHere({ relay, task, signal }: Work, stop: AbortSignal): Promise<TaskResult> {
  const worker = new AbortController();
  const working = relay.worker({ signal: AbortSignal.any([stop, worker.signal]) });
  try {
    return await Promise.race([
      task.result({ signal }),
      working.then(() => task.result({ signal: AbortSignal.abort(signal.reason) })),
    ]);
  } finally {
    worker.abort();
    await working;
  }
}

/** Lets a worker process be killed in the middle of an agent, and another one go on. */
async function workAndCrash({ task, options, printer, report, signal }: Work, agent: AgentName): Promise<TaskResult> {
  const { store, model } = options;
  const processes: WorkerProcess[] = [];
  const start = (stopIn: AgentName | undefined): WorkerProcess => {
    const started = startWorkerProcess({ store, model, stopIn }, report);
    processes.push(started);
    return started;
  };
  try {
    const first = start(agent);
    const stopped = await Promise.race([first.stopped, first.ended, task.result({ signal })]);
    if (!("tool" in stopped)) return stopped;
    await first.kill();
    printer.note(
      `✗ killed worker process ${first.pid} with SIGKILL in the middle of ${agent}, right after ${stopped.tool}`,
    );
    const second = start(undefined);
    printer.note(
      `worker process ${second.pid} takes over as soon as the killed one's lease has run out (at most 10 seconds)`,
    );
    return await Promise.race([task.result({ signal }), second.ended]);
  } finally {
    await Promise.all(processes.map((each) => each.kill()));
  }
}

const verdictsIn = (context: Context): Verdict[] =>
  context.outputs({ agent: "qa", name: VERDICT }).map((value) => verdict.parse(value));

interface Ending {
  readonly task: Task;
  readonly result: TaskResult;
  readonly options: CliOptions;
  readonly printer: Printer;
  readonly hadEnded: boolean;
  readonly rows: number;
}

/** Writes the results and shows what happened. */
async function conclude({ task, result, options, printer, hadEnded, rows }: Ending): Promise<Outcome> {
  const [events, verification] = [await task.audit(), await task.verify()];
  const folder = join(options.out, task.id);
  const audit = await writeAudit(folder, task.id, events, verification);
  const context = result.status === "erased" ? undefined : await task.context();
  const written = result.status === "completed" && context ? await writePackage(folder, context) : undefined;
  const verdicts = context ? verdictsIn(context) : [];
  const { repeated, once } = repeatedSteps(events);

  printer.line();
  printer.line("audit trail");
  for (const text of auditLines(events)) printer.line(`  ${text}`);
  printer.line(
    verification.ok
      ? `  verified: ${verification.hops} handoffs, ${verification.blobs} blobs, all hashes hold`
      : "  NOT INTACT: see the audit file",
  );
  printer.line();
  if (options.crash !== undefined || repeated.length > 0) {
    for (const { agent, hop, attempts } of repeated)
      printer.line(`repeated      ${agent} (handed over at hop ${hop}): attempts ${attempts.join(", ")}`);
    printer.line(`not repeated  ${once.map(({ agent, hop }) => `${agent} (hop ${hop})`).join(", ") || "none"}`);
    printer.line();
  }
  const { reason } = result.status === "erased" ? { reason: "its content was erased" } : result;
  if (result.status === "completed") {
    const back = verdicts.filter(({ passed }) => !passed);
    printer.line(
      `QA handed the package back ${back.length === 1 ? "once" : `${back.length} times`}; in the end ${verdicts.at(-1)?.summary ?? "it passed"}.`,
    );
    printer.line(`sha256 of the tarball: ${written?.delivery.sha256}`);
    printer.line(`report: ${shown(join(folder, written?.delivery.report ?? "report.md"))}`);
  } else {
    printer.line(`${result.status}: ${printable(reason ?? "")}`);
    const error = result.status === "failed" ? result.error : undefined;
    if (error) printer.line(`last error: ${printable(`${error.name}: ${error.message}`)}`);
    if (result.status === "failed")
      printer.line("Nothing is lost. When the cause is gone, go on with the same command and --retry.");
  }
  return {
    status: result.status,
    taskId: task.id,
    file: options.file,
    rows,
    rowsSampled: Math.min(rows, options.sampleRows),
    handedBack: verdicts.filter(({ passed }) => !passed).map(({ summary }) => summary),
    package: written?.path,
    sha256: written?.delivery.sha256,
    audit,
    reason,
    hadEnded,
    repeated: repeated.map(({ agent, hop, attempts }) => ({ agent, hop, attempts: attempts.length })),
  };
}

/** As short as it can be typed where the user stands. */
export function shown(path: string, standing: string = process.env.INIT_CWD ?? process.cwd()): string {
  const short = relative(standing, path);
  return short.startsWith("..") ? path : short;
}
