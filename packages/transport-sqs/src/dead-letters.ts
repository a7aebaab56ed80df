import type { Random } from "@agenthandoff/core";
import { isLeaseLost } from "./errors.js";
import { MAX_BATCH_ENTRIES } from "./limits.js";
import type { SqsQueue } from "./queues.js";
import type { SqsApi } from "./sqs-api.js";
import { byDeath, type DeadRecord, receiptOf } from "./sqs-message.js";

export interface DeadLetterOptions {
  readonly api: SqsApi;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** For how long letters that are looked at are hidden from others, in seconds, should this process die. */
const LOOKING_SECONDS = 60;

/** A poll that waits asks all of SQS's servers; one that does not may find nothing where there is something. */
const WAIT_SECONDS = 1;

/** Takes the letters of a dead-letter queue, a page at a time, until none is left that somebody else does not hold. */
async function* pages(url: string, { api, random, signal }: DeadLetterOptions): AsyncGenerator<readonly DeadRecord[]> {
  for (;;) {
    signal?.throwIfAborted();
    const options = { max: MAX_BATCH_ENTRIES, waitSeconds: WAIT_SECONDS, visibilitySeconds: LOOKING_SECONDS };
    const page = await api.receive(url, { ...options, attemptId: random.id() });
    if (page.length === 0) return;
    yield page;
  }
}

/**
 * Every dead letter, the first to die first. SQS has no way to look without taking, so they are taken and given back
 * before this resolves.
 */
export async function readDeadLetters(url: string, options: DeadLetterOptions): Promise<readonly DeadRecord[]> {
  const letters = new Map<string, DeadRecord>();
  try {
    for await (const page of pages(url, options)) {
      const fresh = page.filter(({ messageId }) => !letters.has(messageId));
      for (const letter of page) letters.set(letter.messageId, letter);
      // The first are visible again, so nobody can read them all in one go.
      if (fresh.length === 0) break;
    }
  } finally {
    await giveBack(url, [...letters.values()], options.api);
  }
  return [...letters.values()].sort(byDeath);
}

/** What is not given back comes back by itself, a little later. */
async function giveBack(url: string, letters: readonly DeadRecord[], api: SqsApi): Promise<void> {
  const handles = letters.map(({ receiptHandle }) => receiptHandle);
  const batches: Promise<void>[] = [];
  for (let first = 0; first < handles.length; first += MAX_BATCH_ENTRIES) {
    batches.push(api.show(url, handles.slice(first, first + MAX_BATCH_ENTRIES)));
  }
  await Promise.allSettled(batches);
}

/** Sends dead letters to their queue again, all of them or those with the given ids, and resolves to how many. */
export async function moveOneByOne(
  queue: SqsQueue,
  ids: ReadonlySet<string> | undefined,
  options: DeadLetterOptions,
): Promise<number> {
  const left = new Map<string, DeadRecord>();
  const moved = new Set<string>();
  try {
    for await (const page of pages(queue.deadLetterUrl, options)) {
      const known = page.filter(({ messageId }) => left.has(messageId));
      for (const letter of page) left.set(letter.messageId, letter);
      for (const letter of page) {
        if (ids !== undefined && !ids.has(letter.messageId)) continue;
        options.signal?.throwIfAborted();
        await moveOne(queue, letter, options.api);
        left.delete(letter.messageId);
        moved.add(letter.messageId);
      }
      if (moved.size === ids?.size || known.length === page.length) break;
    }
  } finally {
    await giveBack(queue.deadLetterUrl, [...left.values()], options.api);
  }
  return moved.size;
}

/** In this order no crash loses the letter; one in the middle has it moved twice, which the deduplication id undoes. */
async function moveOne(queue: SqsQueue, letter: DeadRecord, api: SqsApi): Promise<void> {
  const { messageId, body, attributes, receiptHandle } = letter;
  await api.send(queue.url, {
    body,
    groupId: receiptOf(letter).groupId,
    // No other message bears it: a letter is a message of its own, with an id of its own.
    deduplicationId: `redriven-${messageId}`,
    traceHeader: attributes.AWSTraceHeader,
  });
  try {
    await api.remove(queue.deadLetterUrl, receiptHandle);
  } catch (error) {
    if (!isLeaseLost(error)) throw error;
  }
}
