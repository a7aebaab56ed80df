import { ContextIntegrityError, NotUnderstoodError, TaskNotFoundError } from "../../errors/index.js";
import type { RunSetting } from "../agent/run-setting.js";
import { asTurnResult, type Turn, type TurnResult } from "../agent/turn.js";
import { twiceBeforeDamage } from "../chain/damage.js";
import { readChain } from "../chain/read-chain.js";
import { headOf } from "../chain/task-chain.js";
import { createContext } from "../context/create-context.js";
import type { RelayEnvironment } from "../environment.js";
import { agentOf } from "../worker/worker.js";
import { runTurn } from "./create-turn.js";
import { runSetting } from "./run-setting.js";

/** A run that somebody else asks for, and whose result somebody else commits. */
export interface RunRequest<Name extends string = string> {
  readonly agent: Name;
  readonly taskId: string;
  /** The hop whose handoff asks for the run. */
  readonly hop: number;
  readonly handoffSha256: string;
  /** The key that whoever asks derived for that hop: another one is refused, since it reads elsewhere than this relay. */
  readonly contextKey: string;
  readonly attempt: Turn["attempt"];
  /** When it is told to stop, in milliseconds since the epoch by the relay's clock. Whoever gives it aborts the signal then. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

export interface PreparedRun {
  readonly setting: RunSetting;
  /** Runs the agent, once; throws what it throws. Nothing is recorded, committed or sent. */
  run(): Promise<TurnResult>;
}

/**
 * Reads and verifies a task's chain up to the hop, and makes ready to run the agent that it hands to.
 * @throws InvalidOptionsError where this relay has no such agent, or only its declaration
 * @throws TaskNotFoundError, ContextIntegrityError where the store does not hold what the request names
 * @throws NotUnderstoodError where the context needs a class that is not registered here, or a newer version
 * @throws TaskErasedError, StoreError
 */
export async function prepareRun(environment: RelayEnvironment, request: RunRequest): Promise<PreparedRun> {
  const agent = agentOf(environment, request.agent);
  const { taskId, hop, signal, attempt } = request;
  if (request.contextKey !== environment.keys.slot(taskId, hop))
    throw new ContextIntegrityError(
      `the key that hop ${hop} of task ${taskId} was said to have is not the one that it has here; give both sides the same relay id and prefix`,
    );
  const { chain } = await twiceBeforeDamage(({ fresh }) => readChain(environment, taskId, hop, { fresh, signal }));
  if (chain === undefined) throw new TaskNotFoundError(taskId);
  const { record, sha256 } = headOf(chain);
  if (sha256 !== request.handoffSha256)
    throw new ContextIntegrityError(`hop ${hop} of task ${taskId} holds another handoff than the request names`);
  if (record.decision.kind !== "handoff" || record.decision.to !== agent.name)
    throw new ContextIntegrityError(`hop ${hop} of task ${taskId} does not hand to ${agent.name}`);
  const unknown = chain.handoffs
    .flatMap(({ record: each }) => each.classes)
    .find((name) => !environment.codec.hasClass(name));
  if (unknown !== undefined) throw new NotUnderstoodError(`the class "${unknown}" in the context of task ${taskId}`);
  const context = await createContext(environment, chain);
  const setting = runSetting(environment, chain, request.deadline);
  return {
    setting,
    run: async () =>
      asTurnResult(await runTurn(agent, { context, signal, attempt, codec: environment.codec, setting })),
  };
}
