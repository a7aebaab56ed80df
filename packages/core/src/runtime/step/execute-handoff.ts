import { hasCode, isBackendError } from "../../errors/index.js";
import type { AuditEvent, Delivery } from "../../ports/index.js";
import { taskDeadline } from "../../protocol/index.js";
import { type AttemptCount, attemptFailed, attemptReleased, attemptStarted } from "../audit/events.js";
import type { BuiltHandoff } from "../build-handoff.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import { createContext } from "../context/create-context.js";
import { joinSignals } from "../join-signals.js";
import { summarizeError } from "../redaction.js";
import type { RunEndingKind } from "../relay-event.js";
import { backoffDelay, requestedDelay } from "./backoff.js";
import { runTurn } from "./create-turn.js";
import { attemptSubject, finishWith, yieldToWinner } from "./finish.js";
import { keepLease, type Lease } from "./lease.js";
import { buildFailure, prepareCommit } from "./prepare-commit.js";
import { type RunEnding, runAgent } from "./run-agent.js";
import { runSetting } from "./run-setting.js";
import type { DeliveryOutcome, StepSetting } from "./setting.js";

/** A delivery whose handoff is the head of a verified chain. */
export interface Execution {
  readonly delivery: Delivery;
  readonly receivedAt: number;
  readonly chain: TaskChain;
  readonly attempts: AttemptCount;
}

/** Runs the agent that a chain's head hands to, and brings what comes of it to its end. */
export async function executeHandoff(setting: StepSetting, execution: Execution): Promise<DeliveryOutcome> {
  const { environment, agent } = setting;
  const { delivery, chain, attempts } = execution;
  const at = { taskId: chain.taskId, hop: headOf(chain).record.hop };
  const author = { fromAgent: agent.name, agentVersion: agent.version, attempt: delivery.id };
  const lease = keepLease(environment, delivery, at, execution.receivedAt);
  try {
    const context = await createContext(environment, chain);
    // A run that follows one which may have killed its process runs alone, so that it cannot take others with it.
    const interrupted = joinSignals(lease.signal, setting.drain);
    const leave = await setting.gate
      .enter({ alone: attempts.openEnded, signal: interrupted.signal })
      .catch(() => undefined)
      .finally(interrupted.release);
    if (leave === undefined) return await notRun(lease);
    try {
      // Received long ago, perhaps by a process that was paused: make sure that it is still ours to run.
      if (!(await lease.refresh())) return await notRun(lease);
      return await takenBackOnOutage(async () => {
        await record(attemptStarted(subject(), agent.version));
        const ending = await run(context, lease);
        leave();
        return await settle(ending);
      });
    } finally {
      leave();
    }
  } finally {
    lease.stop();
  }

  function subject() {
    return attemptSubject(environment, agent.name, delivery, at);
  }

  async function record(event: AuditEvent): Promise<void> {
    await environment.backend.audit.append(event);
  }

  async function run(
    context: Awaited<ReturnType<typeof createContext>>,
    { signal: leaseSignal }: Lease,
  ): Promise<Exclude<RunEnding, { kind: "deadline" }>> {
    const number = attempts.counted + 1;
    const told = { taskId: at.taskId, hop: at.hop, agent: agent.name, attempt: delivery.id };
    const startedAt = environment.clock.now();
    environment.observe({ kind: "run-started", ...told, attemptNumber: number });
    const deadline = hopDeadline();
    const behind = runSetting(environment, chain, startedAt + deadline.ms);
    const ending = await runAgent(environment, {
      run: (signal) =>
        runTurn(agent, {
          context,
          signal,
          attempt: { id: delivery.id, number },
          codec: environment.codec,
          setting: behind,
        }),
      interruptions: [leaseSignal, setting.drain],
      deadlineMs: deadline.ms,
    });
    const kind: RunEndingKind = ending.kind === "taken" ? "superseded" : ending.kind;
    environment.observe({ kind: "run-ended", ...told, ending: kind, durationMs: environment.clock.now() - startedAt });
    if (ending.kind !== "deadline") return ending;
    return { kind: "threw", error: new Error(`the run did not end within ${deadline.ms} ms (${deadline.whose})`) };
  }

  function hopDeadline(): { ms: number; whose: string } {
    const ms = agent.deadlineMs ?? environment.limits.hopDeadlineMs;
    const task = taskDeadline(chain.handoffs.map(({ record: each }) => each)) ?? Number.POSITIVE_INFINITY;
    const now = environment.clock.now();
    const candidates = [
      { ms, whose: "the hop's deadline" },
      { ms: Math.max(0, task - now), whose: "the task's deadline" },
      ...(setting.processDeadline === undefined
        ? []
        : [{ ms: Math.max(0, setting.processDeadline.at - now), whose: setting.processDeadline.whose }]),
    ];
    return candidates.reduce((first, next) => (next.ms < first.ms ? next : first));
  }

  async function settle(ending: Exclude<RunEnding, { kind: "deadline" }>): Promise<DeliveryOutcome> {
    switch (ending.kind) {
      case "returned":
        return await finish(prepareCommit(environment, chain, agent, { attempt: delivery.id }, ending.result));
      case "threw":
        return await settleError(ending.error);
      case "taken":
        return await yieldToWinner(setting, delivery, at);
      case "lease-lost":
        await record(
          attemptFailed(subject(), {
            name: "LeaseLost",
            message: "the queue gave the message to another worker while this run went on",
          }),
        );
        return { status: "released", reason: "the lease was lost" };
      case "drained":
        await record(attemptReleased(subject(), "the worker was told to stop"));
        await delivery.release(0);
        return { status: "released", reason: "the worker was told to stop" };
    }
  }

  async function finish(built: BuiltHandoff): Promise<DeliveryOutcome> {
    return await finishWith(setting, delivery, chain, built);
  }

  async function fail(reason: string, error: unknown): Promise<DeliveryOutcome> {
    return await finish(buildFailure(environment, chain, author, { reason, error }));
  }

  async function settleError(error: unknown): Promise<DeliveryOutcome> {
    if (isBackendError(error)) throw error;
    // Met while the agent read its context: not its fault either.
    if (hasCode(error, "CONTEXT_INTEGRITY") || hasCode(error, "NOT_UNDERSTOOD")) {
      await record(attemptReleased(subject(), error.message));
      throw error;
    }
    await record(attemptFailed(subject(), summarizeError(error)));
    const runs = attempts.counted + 1;
    if (isHopeless(error)) return await fail(`${agent.name} failed, and another try would not help`, error);
    if (runs >= environment.limits.maxAttempts)
      return await fail(`${agent.name} was run ${runs} times without success (maxAttempts)`, error);
    const delay = requestedDelay(error) ?? backoffDelay(environment.limits, runs, environment.random);
    await delivery.release(Math.min(delay, environment.backend.transport.maxVisibilityMs));
    return { status: "released", reason: `${agent.name} threw` };
  }

  /** An outage costs the task no attempt, whether it came before the run, in it, or after it. */
  async function takenBackOnOutage(attempt: () => Promise<DeliveryOutcome>): Promise<DeliveryOutcome> {
    try {
      return await attempt();
    } catch (error) {
      // Recorded if that is possible; the outage that is being reported matters more.
      if (isBackendError(error)) await record(attemptReleased(subject(), error.message)).catch(() => {});
      throw error;
    }
  }

  async function notRun({ signal }: Lease): Promise<DeliveryOutcome> {
    if (signal.reason === "taken") return await yieldToWinner(setting, delivery, at);
    if (signal.reason !== "lease-lost") await delivery.release(0);
    return { status: "released", reason: String(signal.reason ?? setting.drain.reason) };
  }
}

/** What no repetition mends: the agent said so, or its code is wrong. */
function isHopeless(error: unknown): boolean {
  return HOPELESS.some((code) => hasCode(error, code));
}

const HOPELESS = ["NON_RETRYABLE", "INVALID_OPTIONS", "UNKNOWN_AGENT", "NOT_SERIALIZABLE"] as const;
