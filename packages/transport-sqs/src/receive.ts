import type { Clock, Random, ReceiveOptions } from "@agenthandoff/core";
import { MAX_BATCH_ENTRIES } from "./limits.js";
import type { SqsApi } from "./sqs-api.js";
import type { SqsRecord } from "./sqs-message.js";

export interface PollOptions {
  readonly api: SqsApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly longestPollSeconds: number;
  /** Aborted when the transport is closed. */
  readonly closed: AbortSignal;
}

/** How much longer than its wait a poll may take to answer once its caller has aborted, in milliseconds. */
const LATE_ANSWER_MS = 2_000;

/** Polls until a message is there, the wait is over or the caller aborts. */
export async function pollFor(
  url: string,
  { max, waitMs, signal }: ReceiveOptions,
  visibilitySeconds: number,
  options: PollOptions,
): Promise<readonly SqsRecord[]> {
  const { clock, longestPollSeconds } = options;
  const deadline = clock.now() + waitMs;
  for (let left = waitMs; signal?.aborted !== true; left = deadline - clock.now()) {
    const waitSeconds = Math.max(0, Math.min(Math.ceil(left / 1_000), longestPollSeconds));
    const records = await poll(
      url,
      { max: Math.min(max, MAX_BATCH_ENTRIES), waitSeconds, visibilitySeconds },
      signal,
      options,
    );
    if (records.length > 0 || clock.now() >= deadline) return records;
  }
  return [];
}

/**
 * One ReceiveMessage. SQS goes on with it after its connection was closed, and gives the next message to nobody: it
 * would stay invisible, its whole group with it. So an abort lets the poll end by itself, which it does soon, and
 * what it brought is yielded.
 */
async function poll(
  url: string,
  receive: { readonly max: number; readonly waitSeconds: number; readonly visibilitySeconds: number },
  signal: AbortSignal | undefined,
  { api, clock, random, longestPollSeconds, closed }: PollOptions,
): Promise<readonly SqsRecord[]> {
  const request = new AbortController();
  const ended = new AbortController();
  const giveUp = (): void => request.abort();
  const giveUpSoon = (): void => {
    clock.sleep(longestPollSeconds * 1_000 + LATE_ANSWER_MS, ended.signal).then(giveUp, () => {});
  };
  closed.addEventListener("abort", giveUp, { once: true });
  signal?.addEventListener("abort", giveUpSoon, { once: true });
  try {
    return await api.receive(url, { ...receive, attemptId: random.id() }, request.signal);
  } catch (error) {
    // Whoever aborted waits for no queue, nor for one that fails.
    if (signal?.aborted === true && !closed.aborted) return [];
    throw error;
  } finally {
    ended.abort();
    closed.removeEventListener("abort", giveUp);
    signal?.removeEventListener("abort", giveUpSoon);
  }
}
