import { type AwsCalls, guardCalls } from "@agenthandoff/aws-common";
import {
  type BackendUnusableError,
  ContextTooLargeError,
  type Delivery,
  hasCode,
  InvalidOptionsError,
  type QueueAddress,
  type Transport,
  TransportError,
} from "@agenthandoff/core";
import { judge, type SqsCheckOptions } from "./check.js";
import { moveOneByOne, readDeadLetters } from "./dead-letters.js";
import { createDelivery } from "./delivery.js";
import { isRefusedMessage } from "./errors.js";
import { DEDUPLICATION_MS, MAX_VISIBILITY_MS, REASON_BYTES } from "./limits.js";
import { moveAll } from "./move-task.js";
import { parseSqsOptions, type SqsTransportOptions } from "./options.js";
import { ownClient } from "./own-client.js";
import { isQueueOf, queueFinder, type SqsQueue } from "./queues.js";
import { pollFor } from "./receive.js";
import { sqsApi } from "./sqs-api.js";
import { reasonOf, receiptOf, type SqsRecord } from "./sqs-message.js";
import { acceptable } from "./text.js";
import { traceHeader } from "./trace-header.js";
import { visibilitySeconds } from "./visibility.js";

export interface SqsTransport extends Transport {
  /**
   * Reads how the queues of a relay's agents are set up, and resolves to what would work better otherwise, a sentence
   * each. Two requests an agent.
   * @throws BackendUnusableError with a `reason`, for what cannot work
   * @throws TransportError where SQS cannot tell now
   */
  check(relayId: string, agents: readonly string[], options?: SqsCheckOptions): Promise<readonly string[]>;

  /**
   * The delivery of a message that somebody else received: a record of a Lambda's event.
   * @param receivedAt when, in milliseconds since the epoch. Default: now.
   */
  deliveryOf(queue: QueueAddress, record: SqsRecord, receivedAt?: number): Delivery;

  /**
   * Whose queue an ARN names, of these agents of the relay; `undefined` for nobody's. An agent without a queue has none.
   * @param queueArn the `eventSourceARN` of a record of a Lambda's event
   */
  agentOf(relayId: string, agents: readonly string[], queueArn: string): string | undefined;

  /** Ends every call, and the client if it was made here. What was taken by a `receive` under way comes again. */
  close(): void;
}

/**
 * Queues on Amazon SQS FIFO, one for each agent, with the meaning that the contract has: group order, visibility,
 * deduplication and dead letters are SQS's own.
 * @throws InvalidOptionsError that names each option at fault
 * @throws BackendUnusableError where one of the queues is a standard queue
 */
export function sqsTransport(options: SqsTransportOptions): SqsTransport {
  const { queues, client: given, region, clock, random, ...limits } = parseSqsOptions(options);
  const find = queueFinder(queues);
  const client = given ?? ownClient(region);
  const api = sqsApi(client);
  const closed = new AbortController();
  const maxMessageBytes = limits.maxMessageBytes - REASON_BYTES;
  const guarded = guardCalls(TransportError);

  const calls: AwsCalls = async (call, work) => {
    const wasClosed = (): TransportError =>
      new TransportError(call.operation, { subject: call.subject, retryable: false, hint: "this handle was closed" });
    if (closed.signal.aborted) throw wasClosed();
    try {
      return await guarded(call, work);
    } catch (error) {
      throw closed.signal.aborted ? wasClosed() : error;
    }
  };

  /** Calls about a queue, found by its address. */
  async function on<Result>(
    operation: string,
    address: QueueAddress,
    signal: AbortSignal | undefined,
    work: (queue: SqsQueue) => Promise<Result>,
  ): Promise<Result> {
    const subject = `queue ${address.relayId}/${address.agent}`;
    return await calls({ operation, subject, signal }, async () => await work(find(address)));
  }

  /** What SQS says of a message that is too large is prose, so the queue's own limit decides. */
  async function refusedFor(error: unknown, { url }: SqsQueue, size: number): Promise<unknown> {
    if (!isRefusedMessage(error)) return error;
    const limit = Number((await api.attributes(url)).MaximumMessageSize);
    return size > limit ? new ContextTooLargeError({ what: "a message", limit, size }) : error;
  }

  function findIfThere(address: QueueAddress): SqsQueue | undefined {
    try {
      return find(address);
    } catch (error) {
      if (hasCode(error, "BACKEND_UNUSABLE") && (error as BackendUnusableError).reason === "no-queue") return undefined;
      throw error;
    }
  }

  const deliver = (queue: SqsQueue, record: SqsRecord, receivedAt: number, seconds?: number): Delivery =>
    createDelivery(record, {
      ...{ queue, api, calls, clock, receivedAt, maxBodyBytes: maxMessageBytes },
      ...(seconds === undefined ? {} : { visibilitySeconds: seconds }),
    });

  return {
    maxMessageBytes,
    maxVisibilityMs: MAX_VISIBILITY_MS,
    deduplicationMs: DEDUPLICATION_MS,

    send: (address, { groupId, deduplicationId, traceparent, ...message }, { signal } = {}) =>
      on("send", address, signal, async (queue) => {
        const body = acceptable(message.body);
        const size = Buffer.byteLength(body);
        if (size > maxMessageBytes) throw new ContextTooLargeError({ what: "a message", limit: maxMessageBytes, size });
        const trace = traceparent === undefined ? undefined : traceHeader(traceparent);
        try {
          await api.send(queue.url, { body, groupId, deduplicationId, traceHeader: trace }, signal);
        } catch (error) {
          throw await refusedFor(error, queue, size);
        }
      }),

    receive: (address, receiveOptions) =>
      on("receive", address, undefined, async (queue) => {
        const seconds = visibilitySeconds(receiveOptions.visibilityMs);
        if (!(receiveOptions.max >= 1)) throw new InvalidOptionsError("max must be at least 1");
        const poll = { api, clock, random, closed: closed.signal, longestPollSeconds: limits.longestPollSeconds };
        const records = await pollFor(queue.url, receiveOptions, seconds, poll);
        const receivedAt = clock.now();
        return records.map((record) => deliver(queue, record, receivedAt, seconds));
      }),

    async *deadLetters(address, { signal } = {}) {
      const letters = await on("list the dead letters", address, signal, (queue) =>
        readDeadLetters(queue.deadLetterUrl, { api, random, signal }),
      );
      for (const letter of letters) {
        signal?.throwIfAborted();
        const reason = reasonOf(letter);
        const { groupId } = receiptOf(letter);
        yield { id: letter.messageId, body: letter.body, groupId, ...(reason === undefined ? {} : { reason }) };
      }
    },

    redrive: (address, { ids, signal } = {}) =>
      on("redrive", address, signal, async (queue) => {
        if (ids?.length === 0) return 0;
        if (ids !== undefined) return await moveOneByOne(queue, new Set(ids), { api, random, signal });
        const moved = await moveAll(queue.deadLetterUrl, queue.url, { api, clock, signal });
        // What the task left: letters that somebody looked at meanwhile, or all, where there was no task.
        return moved + (await moveOneByOne(queue, undefined, { api, random, signal }));
      }),

    async check(relayId, agents, checkOptions = {}) {
      const { signal } = checkOptions;
      const check = async (agent: string): Promise<readonly string[]> =>
        await on("check the queues", { relayId, agent }, signal, async (queue) => {
          const [attributes, deadLetterAttributes] = await Promise.all([
            api.attributes(queue.url, signal),
            api.attributes(queue.deadLetterUrl, signal),
          ]);
          const setup = { agent, queue, attributes, deadLetterAttributes, maxMessageBytes: limits.maxMessageBytes };
          return judge(setup, checkOptions);
        });
      try {
        return (await Promise.all(agents.map(check))).flat();
      } catch (error) {
        // What is wrong with a queue is no failure of it.
        throw error instanceof TransportError && hasCode(error.cause, "BACKEND_UNUSABLE") ? error.cause : error;
      }
    },

    deliveryOf: (address, record, receivedAt = clock.now()) => deliver(find(address), record, receivedAt),

    agentOf: (relayId, agents, queueArn) =>
      agents.find((agent) => {
        const queue = findIfThere({ relayId, agent });
        return queue !== undefined && isQueueOf(queue.url, queueArn);
      }),

    close() {
      closed.abort();
      if (given === undefined) client.destroy();
    },
  };
}
