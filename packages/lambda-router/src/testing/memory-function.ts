import {
  type Agent,
  type AuditLog,
  createRelay,
  type Delivery,
  type Relay,
  type RelayOptions,
} from "@agenthandoff/core";
import { type FakeClock, fakeClock, memory } from "@agenthandoff/core/memory";
import type { SqsRecord, SqsTransport } from "@agenthandoff/transport-sqs";
import type { BatchResponse, FunctionContext, LambdaRouter } from "../index.js";

export const VISIBILITY_MS = 60_000;
export const FUNCTION_MS = 120_000;

type Call = "acknowledge" | "extend" | "release" | "reject";

/** What was asked of the queue, in order: for which message's group, and for how long or why. */
export interface QueueCall {
  readonly call: Call;
  readonly groupId: string;
  readonly argument?: number | string;
}

export interface TestEvent {
  readonly Records: readonly (SqsRecord & Record<string, unknown>)[];
}

/** A relay on queues in memory that pass for those of SQS, and what stands around a function: time, events, deletions. */
export interface MemoryFunction {
  readonly relay: Relay;
  readonly clock: FakeClock;
  readonly calls: QueueCall[];
  /** Asked of the queue from now on, this fails. */
  failing: Call | undefined;
  /** Receives up to `max` messages of an agent as the event that Lambda would make. */
  event(agent: string, max?: number): Promise<TestEvent>;
  /** Puts messages into an agent's queue as they are. */
  send(agent: string, ...messages: readonly { readonly groupId: string; readonly body: string }[]): Promise<void>;
  /** Invokes the handler while time passes, then deletes what it did not report. */
  invoke(handler: LambdaRouter, event: TestEvent, timeoutMs?: number): Promise<BatchResponse>;
  context(timeoutMs?: number): FunctionContext;
  settled<T>(promise: Promise<T>): Promise<T>;
  /** Takes a message that was received out of its queue, though nobody handled it. */
  lose(record: SqsRecord): Promise<void>;
  /** From now on the list of open tasks takes so long, in milliseconds; it heeds its signal. */
  slow(ms: number): void;
  deadLetters(agent: string): Promise<readonly (string | undefined)[]>;
  /** The texts that the attempts of a task failed with. */
  attemptErrors(taskId: string): Promise<readonly string[]>;
}

const arnOf = (agent: string): string => `arn:aws:sqs:us-east-1:123456789012:relay-${agent}.fifo`;

export function memoryFunction(
  agents: readonly Agent[],
  options: Partial<RelayOptions<readonly Agent[]>> = {},
): MemoryFunction {
  const clock = fakeClock();
  const plain = memory({ clock, visibilityMs: VISIBILITY_MS });
  const received = new Map<string, Delivery>();
  const calls: QueueCall[] = [];

  const noted = (delivery: Delivery): Delivery => {
    const note = async <T>(call: Call, work: () => Promise<T>, argument?: number | string): Promise<T> => {
      calls.push({ call, groupId: delivery.groupId, ...(argument === undefined ? {} : { argument }) });
      if (made.failing === call) throw new Error(`the queue does not ${call}`);
      return await work();
    };
    return {
      ...delivery,
      acknowledge: () => note("acknowledge", delivery.acknowledge),
      extend: (ms) => note("extend", () => delivery.extend(ms), ms),
      release: (ms) => note("release", () => delivery.release(ms), ms),
      reject: (reason) => note("reject", () => delivery.reject(reason), reason),
    };
  };

  const transport: Pick<SqsTransport, "agentOf" | "deliveryOf"> = {
    agentOf: (_relayId, names, arn) => names.find((name) => arnOf(name) === arn),
    deliveryOf(_queue, { receiptHandle }) {
      const delivery = received.get(receiptHandle);
      if (delivery === undefined) throw new Error(`no receipt ${receiptHandle}`);
      return noted(delivery);
    },
  };
  let slowMs = 0;
  const tasks: AuditLog["tasks"] = async function* (relayId, query) {
    if (slowMs > 0) await clock.sleep(slowMs, query?.signal);
    yield* plain.audit.tasks(relayId, query);
  };
  const audit: AuditLog = { ...plain.audit, tasks };
  const backend = { ...plain, audit, transport: { ...plain.transport, ...transport } };
  const relay = createRelay({ id: "relay", ...options, agents, backend, clock } as RelayOptions<readonly Agent[]>);

  const made: MemoryFunction = {
    relay,
    clock,
    calls,
    failing: undefined,
    async event(agent, max = 10) {
      const deliveries = await plain.transport.receive(
        { relayId: relay.id, agent },
        { max, waitMs: 0, visibilityMs: VISIBILITY_MS },
      );
      for (const delivery of deliveries) received.set(delivery.id, delivery);
      return {
        Records: deliveries.map(({ id, body, groupId, receiveCount }) => ({
          messageId: id,
          receiptHandle: id,
          body,
          attributes: { MessageGroupId: groupId, ApproximateReceiveCount: String(receiveCount) },
          messageAttributes: {},
          md5OfBody: "",
          eventSource: "aws:sqs",
          eventSourceARN: arnOf(agent),
          awsRegion: "us-east-1",
        })),
      };
    },
    async send(agent, ...messages) {
      for (const [index, message] of messages.entries())
        await plain.transport.send({ relayId: relay.id, agent }, { ...message, deduplicationId: `sent-${index}` });
    },
    async invoke(handler, event, timeoutMs) {
      const response = await made.settled(handler(event, made.context(timeoutMs)));
      const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { messageId } of event.Records)
        if (!failed.has(messageId)) await received.get(messageId)?.acknowledge();
      return response;
    },
    context(timeoutMs = FUNCTION_MS) {
      const end = clock.now() + timeoutMs;
      return { getRemainingTimeInMillis: () => end - clock.now() };
    },
    settled: (promise) => clock.until(promise),
    async lose({ receiptHandle }) {
      await received.get(receiptHandle)?.acknowledge();
    },
    slow(ms) {
      slowMs = ms;
    },
    async deadLetters(agent) {
      const reasons: (string | undefined)[] = [];
      for await (const { reason } of plain.transport.deadLetters({ relayId: relay.id, agent })) reasons.push(reason);
      return reasons;
    },
    async attemptErrors(taskId) {
      const messages: string[] = [];
      for await (const { kind, detail } of plain.audit.events(relay.id, taskId))
        if (kind === "attempt_failed") messages.push((detail.error as { message: string }).message);
      return messages;
    },
  };
  return made;
}
