import { hasCode } from "../../errors/index.js";
import type { Delivery } from "../../ports/index.js";
import type { Origin, UnversionedMessage } from "../../protocol/index.js";
import type { Agent } from "../agent/agent.js";
import { turnResults } from "../agent/turn.js";
import type { BuiltHandoff } from "../build-handoff.js";
import { readToHead } from "../chain/head.js";
import { emptyChain, type TaskChain } from "../chain/task-chain.js";
import { requestIdOf } from "../commands/request-id.js";
import { buildStart } from "../commands/start.js";
import { commitBuilt } from "../commands/steer.js";
import type { RelayEnvironment } from "../environment.js";
import { help } from "../help.js";
import { judgeObject, judgeSender, OBJECT_RANGE } from "./judge-object.js";
import { prepareCommit } from "./prepare-commit.js";
import type { DeliveryOutcome, StepSetting } from "./setting.js";

/**
 * Takes the object of a producer into its task's chain, as the first hop or as the next one, and sends what follows to
 * this queue's agent as an envelope. A crash at any point is repaired by the next delivery, which finds the key in the
 * chain: it is accepted once.
 * @param reject keeps a message that cannot be taken in where people look for it: nothing else points at its object
 */
export async function acceptObject(
  { environment, agent }: StepSetting,
  delivery: Delivery,
  message: UnversionedMessage,
  reject: (reason: string) => Promise<DeliveryOutcome>,
): Promise<DeliveryOutcome> {
  const { agents, backend, acceptUnversioned } = environment;
  const { fromAgent, contextKey, taskId } = message;
  const sender = judgeSender({ message, agent, agents, prefix: acceptUnversioned?.prefix });
  if (sender.action === "reject") return await reject(sender.reason);
  const requestId = requestIdOf(environment, { operation: "accept", head: null, arguments: [fromAgent, contextKey] });
  for (;;) {
    const chain = await chainOf(environment, taskId);
    const object = await backend.store.get(contextKey, { range: OBJECT_RANGE });
    const verdict = judgeObject({ message, requestId, chain, object });
    if (verdict.action === "reject") return await reject(verdict.reason);
    if (verdict.action === "repeat") {
      // Whoever accepted it may have died before the audit or the next agent was told.
      await help(environment, verdict.chain, verdict.hop);
      if (verdict.reason !== undefined) return await reject(verdict.reason);
      await delivery.acknowledge();
      return { status: "helped" };
    }
    const { value, origin } = verdict;
    const given = { producer: sender.producer, to: agent.name, value, origin, requestId };
    const built =
      verdict.action === "start"
        ? buildFirst(environment, taskId, given)
        : buildNext(environment, verdict.chain, given);
    if (typeof built === "string") return await reject(built);
    if (await commitBuilt(environment, chain ?? emptyChain(environment.relayId, taskId), built)) {
      await delivery.acknowledge();
      return { status: "committed", decision: built.handoff.record.decision.kind };
    }
    // Somebody else filled the slot, perhaps with this very object: what to do now is another question.
  }
}

interface Given {
  readonly producer: Agent;
  readonly to: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly requestId: string;
}

/** As a caller's start, which is refused where it cannot be kept. */
function buildFirst(environment: RelayEnvironment, taskId: string, given: Given): BuiltHandoff | string {
  const { producer, to, value, origin, requestId } = given;
  try {
    return buildStart(environment, taskId, { to, input: value }, { by: producer.name, origin, requestId }).built;
  } catch (error) {
    if (!UNKEEPABLE.some((code) => hasCode(error, code))) throw error;
    return `the object cannot be kept: ${(error as Error).message}`;
  }
}

const UNKEEPABLE = ["NOT_SERIALIZABLE", "CONTEXT_TOO_LARGE", "CONTEXT_TOO_DEEP"] as const;

/** As the result of any agent, which fails its task where it cannot be kept. */
function buildNext(environment: RelayEnvironment, chain: TaskChain, given: Given): BuiltHandoff {
  const { producer, to, value, origin, requestId } = given;
  return prepareCommit(environment, chain, producer, { origin, requestId }, turnResults.handoff(to, { output: value }));
}

/** A task's chain up to its head; `undefined` when there is no such task. */
async function chainOf(environment: RelayEnvironment, taskId: string): Promise<TaskChain | undefined> {
  try {
    return await readToHead(environment, taskId);
  } catch (error) {
    if (hasCode(error, "TASK_NOT_FOUND")) return undefined;
    throw error;
  }
}
