import { type Json, MAX_VALUE_BYTES } from "../../codec/index.js";
import { HandoffError } from "../../errors/index.js";
import {
  isProducersKey,
  type Origin,
  parseObjectLine,
  sha256,
  stateAfter,
  TASK_ID_PATTERN,
  type UnversionedMessage,
} from "../../protocol/index.js";
import type { Agent } from "../agent/agent.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import { findRequest } from "../commands/request-id.js";

/** As much of an object as is read: one byte more than any object may have. */
export const OBJECT_RANGE: { readonly start: number; readonly end: number } = { start: 0, end: MAX_VALUE_BYTES + 1 };

/** Who sent an unversioned message, and to whom: found before anything is read that the message names. */
export type SenderVerdict =
  | { readonly action: "read"; readonly producer: Agent }
  | { readonly action: "reject"; readonly reason: string };

/** Whether this relay lets the producer hand to the agent, and whether the key is one of its objects. */
export function judgeSender(sender: {
  readonly message: UnversionedMessage;
  /** In whose queue the message lies. */
  readonly agent: Agent;
  readonly agents: ReadonlyMap<string, Agent>;
  /** What the keys of producers begin with; `undefined` where there are none. */
  readonly prefix: string | undefined;
}): SenderVerdict {
  const { message, agent, agents, prefix } = sender;
  const { fromAgent, contextKey } = message;
  if (prefix === undefined) return reject("this relay takes no unversioned messages; see its option acceptUnversioned");
  const producer = agents.get(fromAgent);
  if (producer === undefined)
    return reject(
      `this relay has no agent "${fromAgent}"; declare it: declareAgent({ name: "${fromAgent}", handsTo: ["${agent.name}"] })`,
    );
  if (!producer.handsTo.includes(agent.name))
    return reject(
      `"${fromAgent}" may not hand to "${agent.name}", in whose queue this is: its handsTo does not name it`,
    );
  if (!isProducersKey(contextKey, { prefix, producer: fromAgent }))
    return reject(
      `the context_s3_key is not allowed: it must be "${prefix}${fromAgent}/" and a name in printable ASCII, at most 512 characters in all`,
    );
  return { action: "read", producer };
}

/** What to do with an object that a producer may hand over. */
export type ObjectVerdict =
  /** There is no such task: the object is its input. */
  | { readonly action: "start"; readonly value: Json; readonly origin: Origin }
  /** The task waits for the producer: the object is its output. */
  | { readonly action: "continue"; readonly chain: TaskChain; readonly value: Json; readonly origin: Origin }
  /** The key was accepted before, at this hop. With a reason where other bytes lie there now: they are not taken in. */
  | { readonly action: "repeat"; readonly chain: TaskChain; readonly hop: number; readonly reason?: string }
  | { readonly action: "reject"; readonly reason: string };

export function judgeObject(judging: {
  readonly message: UnversionedMessage;
  /** By which a key that was accepted is found again. */
  readonly requestId: string;
  /** The task's chain up to its head; `undefined` when there is no such task. */
  readonly chain: TaskChain | undefined;
  /** The object's bytes within `OBJECT_RANGE`; `undefined` when there is none. */
  readonly object: Uint8Array | undefined;
}): ObjectVerdict {
  const { message, requestId, chain, object } = judging;
  const hash = object === undefined ? undefined : sha256(object);
  const hop = chain === undefined ? undefined : findRequest(chain, requestId);
  if (chain !== undefined && hop !== undefined) {
    const accepted = chain.handoffs[hop]?.record.origin;
    // An object that is gone was read when it was accepted, and nothing more is needed of it.
    if (hash === undefined || (accepted?.kind === "object" && accepted.sha256 === hash))
      return { action: "repeat", chain, hop };
    const reason = `the object was changed after it was accepted at hop ${hop}; put what is new under a key of its own`;
    return { action: "repeat", chain, hop, reason };
  }
  const obstacle = chain === undefined ? whyNoStart(message) : whyNotAwaited(chain, message);
  if (obstacle !== undefined) return reject(obstacle);
  if (object === undefined || hash === undefined)
    return reject("there is no object at the context_s3_key; put it before its message is sent, and redrive this one");
  const value = parseObject(object);
  if (typeof value === "string") return reject(value);
  const origin: Origin = { kind: "object", key: message.contextKey, sha256: hash };
  return chain === undefined ? { action: "start", value, origin } : { action: "continue", chain, value, origin };
}

function whyNoStart({ taskId }: UnversionedMessage): string | undefined {
  return TASK_ID_PATTERN.test(taskId)
    ? undefined
    : `there is no such task, and a new one's id must match ${TASK_ID_PATTERN}`;
}

function whyNotAwaited(chain: TaskChain, { fromAgent, taskId }: UnversionedMessage): string | undefined {
  const { decision } = headOf(chain).record;
  if (decision.kind !== "handoff")
    return `task ${taskId} is ${stateAfter(decision)}; it does not wait for "${fromAgent}"`;
  return decision.to === fromAgent
    ? undefined
    : `task ${taskId} is handed to "${decision.to}"; it does not wait for "${fromAgent}"`;
}

/** The JSON object, or why it is none. */
function parseObject(bytes: Uint8Array): Json | string {
  if (bytes.length > MAX_VALUE_BYTES) return `the object is larger than ${MAX_VALUE_BYTES} bytes`;
  try {
    return parseObjectLine(bytes, "the object");
  } catch (error) {
    if (!HandoffError.isInstance(error)) throw error;
    return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  }
}

function reject(reason: string): { readonly action: "reject"; readonly reason: string } {
  return { action: "reject", reason };
}
