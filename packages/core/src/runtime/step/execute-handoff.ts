import { hasCode, isBackendError } from "../../errors/index.js";
import type { AuditEvent, Delivery } from "../../ports/index.js";
import { taskDeadline } from "../../protocol/index.js";
import { type AttemptCount, attemptFailed, attemptReleased, attemptStarted } from "../audit/events.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import { createContext } from "../context/create-context.js";
import { summarizeError } from "../redaction.js";
import type { RunEndingKind } from "../relay-event.js";
import { backoffDelay, requestedDelay } from "./backoff.js";
import { createTurn } from "./create-turn.js";
import { attemptSubject, finishWith, yieldToWinner } from "./finish.js";
import type { DeliveryOutcome, StepSetting } from "./handle-delivery.js";
import { keepLease, type Lease } from "./lease.js";
import { buildFailure, prepareCommit } from "./prepare-commit.js";
import { type RunEnding, runAgent } from "./run-agent.js";

/** Runs the agent that a chain's head hands to, and brings what comes of it to its end. */
export async function executeHandoff(
  setting: StepSetting,
  delivery: Delivery,
  chain: TaskChain,
  attempts: AttemptCount,
): Promise<DeliveryOutcome> {
  const { environment, agent } = setting;
  const at = { taskId: chain.taskId, hop: headOf(chain).record.hop };
  const lease = keepLease(environment, delivery, at);
  try {
    const context = await createContext(environment, chain);
    // A run that follows one which may have killed its process runs alone, so that it cannot take others with it.
    const leave = await setting.gate
      .enter({ alone: attempts.openEnded, signal: AbortSignal.any([lease.signal, setting.drain]) })
      .catch(() => undefined);
    if (leave === undefined) return await notRun(lease);
    let ending: RunEnding;
    try {
      // Received long ago, perhaps by a process that was paused: make sure that it is still ours to run.
      if (!(await lease.refresh())) return await notRun(lease);
      await record(attemptStarted(subject(), agent.version));
      ending = await run(context, lease);
    } finally {
      leave();
    }
    return await settle(ending);
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
  ): Promise<RunEnding> {
    const number = attempts.counted + 1;
    const told = { taskId: at.taskId, hop: at.hop, agent: agent.name, attempt: delivery.id };
    const startedAt = environment.clock.now();
    environment.observe({ kind: "run-started", ...told, attemptNumber: number });
    const ending = await runAgent(environment, {
      run: (signal) =>
        agent.run?.(createTurn({ context, signal, attempt: { id: delivery.id, number }, codec: environment.codec })),
      interruptions: [leaseSignal, setting.drain],
      deadlineMs: hopDeadline(),
    });
    const kind: RunEndingKind = ending.kind === "taken" ? "superseded" : ending.kind;
    environment.observe({ kind: "run-ended", ...told, ending: kind, durationMs: environment.clock.now() - startedAt });
    return ending;
  }

  function hopDeadline(): number {
    const own = agent.deadlineMs ?? environment.limits.hopDeadlineMs;
    const task = taskDeadline(chain.handoffs.map(({ record: each }) => each));
    return task === undefined ? own : Math.max(0, Math.min(own, task - environment.clock.now()));
  }

  async function settle(ending: RunEnding): Promise<DeliveryOutcome> {
    switch (ending.kind) {
      case "returned":
        return await takeBackOnOutage(() =>
          finishWith(setting, delivery, chain, prepareCommit(environment, chain, agent, delivery.id, ending.result)),
        );
      case "threw":
        return await settleError(ending.error);
      case "deadline":
        return await settleError(new Error(`the run did not end within ${hopDeadline()} ms (the hop's deadline)`));
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
        return await takeBack("the worker was told to stop", 0);
    }
  }

  async function settleError(error: unknown): Promise<DeliveryOutcome> {
    if (hasCode(error, "CONTEXT_INTEGRITY") || isBackendError(error)) {
      await record(attemptReleased(subject(), error.message));
      throw error;
    }
    await record(attemptFailed(subject(), summarizeError(error)));
    const author = { fromAgent: agent.name, agentVersion: agent.version, attempt: delivery.id };
    const runs = attempts.counted + 1;
    if (hasCode(error, "NON_RETRYABLE")) {
      return await finishWith(
        setting,
        delivery,
        chain,
        buildFailure(environment, chain, author, {
          reason: `${agent.name} failed and asked not to be tried again`,
          error,
        }),
      );
    }
    if (runs >= environment.limits.maxAttempts) {
      return await finishWith(
        setting,
        delivery,
        chain,
        buildFailure(environment, chain, author, {
          reason: `${agent.name} was run ${runs} times without success (maxAttempts)`,
          error,
        }),
      );
    }
    const delay = requestedDelay(error) ?? backoffDelay(environment.limits, runs, environment.random);
    await delivery.release(Math.min(delay, environment.backend.transport.maxVisibilityMs));
    return { status: "released", reason: `${agent.name} threw` };
  }

  /** A run that ended through no fault of its agent costs the task no attempt. */
  async function takeBack(reason: string, delayMs: number): Promise<DeliveryOutcome> {
    await record(attemptReleased(subject(), reason));
    await delivery.release(delayMs);
    return { status: "released", reason };
  }

  async function takeBackOnOutage(finish: () => Promise<DeliveryOutcome>): Promise<DeliveryOutcome> {
    try {
      return await finish();
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
