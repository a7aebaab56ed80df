import type { Context, NewEntry, Turn, TurnResult } from "@agenthandoff/core";
import { mergeConfigs, type RunnableConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { attachAttemptRecord } from "./attempt-record.js";
import { conclude } from "./conclude.js";
import type { AgentDefinition } from "./definition.js";
import { isNonRetryable, meantError } from "./errors.js";
import { createRun, type Run, runConfigurable } from "./run.js";
import { runRunnable } from "./run-runnable.js";
import { type RunSaver, runSaver } from "./run-saver.js";
import { runStateful } from "./run-stateful.js";
import { checkSource, type RunnableShape, type StatefulShape, shapeOf } from "./shapes.js";
import { type UsageMeter, usageMeter } from "./usage.js";

/** One run of an agent of LangChain: hydration before, serialization after. */
export async function runAgent(definition: AgentDefinition, turn: Turn): Promise<TurnResult> {
  const stop = new AbortController();
  let fatal: unknown;
  const meter = usageMeter((error) => {
    // Agents turn a tool's errors into messages for the model; this kind says that trying on is useless.
    const meant = meantError(error);
    if (fatal !== undefined || !isNonRetryable(meant)) return;
    fatal = meant;
    stop.abort(meant);
  });
  const run = createRun({
    agentName: definition.name,
    handsTo: definition.handsTo,
    turn,
    signal: AbortSignal.any([turn.signal, stop.signal]),
    middleware: definition.middleware,
  });
  try {
    const result = await alone(() => perform({ definition, run, meter }));
    if (fatal !== undefined) throw fatal;
    return result;
  } catch (thrown) {
    const error = fatal ?? meantError(thrown);
    const entries: readonly NewEntry[] = [...(run.collector?.entries() ?? []), ...run.added];
    const record = { entries, usage: meter.total() };
    if (isNonRetryable(error)) return turn.fail({ reason: error.message, error, ...record });
    attachAttemptRecord(error, record);
    throw error;
  }
}

interface Performance {
  readonly definition: AgentDefinition;
  readonly run: Run;
  readonly meter: UsageMeter;
}

async function perform(performance: Performance): Promise<TurnResult> {
  const { definition, run } = performance;
  const source = typeof definition.source === "function" ? await definition.source(run.memory) : definition.source;
  checkSource(source, definition.name);
  const saver = runSaver();
  const shape = shapeOf(source, definition.name, definition.middleware, saver.saver);
  return "runnable" in shape ? performRunnable(performance, shape) : performStateful(performance, shape, saver);
}

async function performRunnable({ definition, run, meter }: Performance, shape: RunnableShape): Promise<TurnResult> {
  const config = runConfig(definition, run, meter, shape);
  const { value, output, messages } = await runRunnable({ definition, run, shape, config });
  const entries = [...messages, ...run.added];
  return conclude(definition, run, { value, output, handoffOutput: output, entries, usage: meter.total() });
}

async function performStateful(performance: Performance, shape: StatefulShape, saver: RunSaver): Promise<TurnResult> {
  const { definition, run, meter } = performance;
  const config = runConfig(definition, run, meter, shape);
  const result = await runStateful({ definition, run, shape, saver, config });
  const entries = [...result.entries, ...run.added];
  const usage = meter.total();
  if (result.status === "asks") {
    const { question, reason } = result;
    return run.turn.wait({ question, entries, usage, ...(reason === undefined ? {} : { reason }) });
  }
  const { state: value, output, handoffOutput } = result;
  return conclude(definition, run, { value, output, handoffOutput, entries, usage });
}

function runConfig(
  { name, config }: AgentDefinition,
  run: Run,
  meter: UsageMeter,
  shape: StatefulShape | RunnableShape,
): RunnableConfig & { configurable: { thread_id: string } } {
  const { context } = run.turn;
  const given = (typeof config === "function" ? config(context) : config) ?? {};
  const merged = mergeConfigs({ configurable: { thread_id: context.taskId } }, given as RunnableConfig, {
    signal: run.signal,
    callbacks: [meter.handler],
    configurable: runConfigurable(run),
    metadata: runMetadata(context, name),
    ...(shape.kind === "agent" && { recursionLimit: shape.recursionLimit(given.recursionLimit) }),
  });
  return merged as RunnableConfig & { configurable: { thread_id: string } };
}

function runMetadata({ relayId, taskId, step }: Context, agent: string): Record<string, unknown> {
  return { agenthandoff_relay: relayId, agenthandoff_task: taskId, agenthandoff_step: step, agenthandoff_agent: agent };
}

/**
 * Runs outside of whatever LangChain run this process is in: a relay may be called by a tool of another agent, and
 * the agent would take itself for a part of that graph, with its checkpointer, interrupts and configurable.
 */
function alone<T>(callback: () => Promise<T>): Promise<T> {
  return AsyncLocalStorageProviderSingleton.getInstance().run(undefined, callback) as Promise<T>;
}
