import { type Backend, hasCode, type Task, type TaskHead } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import { describeInput, type TaskInput } from "../agents/task-input.js";
import { typedPackageRelay } from "../agents/typed-package-relay.js";
import { chooseModel } from "./choose-model.js";
import { conclude, type Outcome } from "./conclude.js";
import { inspectInput } from "./input-file.js";
import { freshTaskId, relayIdFor, taskIdFor } from "./naming.js";
import type { CliOptions } from "./options.js";
import type { Printer } from "./printer.js";
import { commitReporter, type Progress, receivedBy, toolReporter } from "./progress.js";
import { workAndCrash, workHere } from "./work.js";

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
  const file = await prepareFile(options, modelName);
  const { input } = file;
  const taskId =
    options.taskId ?? (options.crash === undefined ? taskIdFor(input) : freshTaskId(input, `crash-${options.crash}`));

  printer.line("AgentHandoff · typed-package: research → code → qa → deploy");
  printer.line(
    `input      ${input.file}${options.isDefaultFile ? " of vega-datasets" : ""}, ${file.kind.toUpperCase()}, ${number.format(input.bytes)} bytes, ${number.format(file.rows)} rows`,
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
    observer: commitReporter(report),
    onRun(agent, context) {
      report(receivedBy(agent, context));
      return [toolReporter(agent, context.taskId, report)];
    },
  });
  try {
    const task = relay.task(taskId);
    const before = await headOf(task);
    await relay.start({ to: "research", input, artifacts: file.takeArtifacts(), taskId });
    const hadEnded = await tellWhatIsThere(before, task, options, printer);
    const work = { relay, task, options, printer, report, signal };
    const result = hadEnded
      ? await task.result({ signal })
      : await (options.crash === undefined ? workHere(work) : workAndCrash(work, options.crash));
    return await conclude({ task, result, options, printer, hadEnded, rows: file.rows });
  } finally {
    await relay.close();
  }
}

type Artifacts = ReturnType<typeof describeInput>["artifacts"];

interface PreparedFile {
  readonly input: TaskInput;
  readonly kind: string;
  readonly rows: number;
  /** The file's bytes, once: from then on they lie in the store, and large ones should not lie in memory as well. */
  takeArtifacts(): Artifacts;
}

async function prepareFile({ file, sampleRows }: CliOptions, model: string): Promise<PreparedFile> {
  const { bytes, kind, rows } = await inspectInput(file);
  const { input, artifacts } = describeInput(file, bytes, { sampleRows, model });
  let held: Artifacts = artifacts;
  return {
    input,
    kind,
    rows,
    takeArtifacts() {
      const taken = held;
      held = [];
      return taken;
    },
  };
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
