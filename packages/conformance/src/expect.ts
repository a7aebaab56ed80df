import assert from "node:assert/strict";
import { type HandoffErrorCode, hasCode } from "@agenthandoff/core";

/** The values of an iterable, in its order. */
export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

/** Requires that a call rejects with an error of this library that has the given code. */
export async function rejectsWith(code: HandoffErrorCode, call: () => Promise<unknown>): Promise<void> {
  const outcome = await call().then(
    () => "resolved",
    (error: unknown) => (hasCode(error, code) ? code : `rejected with ${String(error)}`),
  );
  assert.equal(outcome, code);
}

/** Requires that a call rejects with exactly this reason. */
export async function rejectsBecause(reason: unknown, call: () => Promise<unknown>): Promise<void> {
  const outcome = await call().then(
    () => "resolved",
    (error: unknown) => error,
  );
  assert.equal(outcome, reason);
}

/** A signal that is aborted, and its reason. */
export function abortedSignal(): { readonly signal: AbortSignal; readonly reason: Error } {
  const reason = new Error("aborted by the test");
  return { signal: AbortSignal.abort(reason), reason };
}

export function sameBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  assert.ok(actual !== undefined, `${what} is missing`);
  assert.equal(actual.byteLength, expected.byteLength, `the length of ${what}`);
  assert.ok(Buffer.compare(actual, expected) === 0, `${what} has other bytes than were written`);
}

/** Runs a task for each item, at most `width` at a time. */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  width: number,
  task: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += width)
    await Promise.all(items.slice(start, start + width).map(task));
}
