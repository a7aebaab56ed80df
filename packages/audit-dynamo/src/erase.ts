import type { AwsCall } from "@agenthandoff/aws-common";
import { eventOfItem } from "./items.js";
import { BLANKED_AT_ONCE } from "./limits.js";
import { eventsOfTask } from "./queries.js";
import type { TableCalls } from "./table-calls.js";
import { blankEvent, eraseRow } from "./writes.js";

/**
 * Blanks a task's events as they are read, a few at a time, and its row last. An erasure that was cut off is finished by
 * the next: what is blank stays as it is.
 */
export async function eraseTask(
  calls: TableCalls,
  call: AwsCall,
  { table, relayId, taskId }: { readonly table: string; readonly relayId: string; readonly taskId: string },
  keep: ReadonlySet<string>,
): Promise<void> {
  let batch: Promise<unknown>[] = [];
  for await (const event of calls.query(call, eventsOfTask(table, relayId, taskId), eventOfItem)) {
    if (Object.keys(event.detail).every((name) => keep.has(name))) continue;
    batch.push(calls.write(call, [blankEvent(table, event, keep)]));
    if (batch.length < BLANKED_AT_ONCE) continue;
    await settled(batch);
    batch = [];
  }
  await settled(batch);
  await calls.write(call, [eraseRow(table, relayId, taskId)]);
}

/** Waits for all, so that none goes on behind the caller's back when one fails. */
async function settled(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
