import type { AwsCall } from "@agenthandoff/aws-common";
import type { TableCalls } from "./table-calls.js";
import type { Write } from "./writes.js";

/**
 * Makes the event and a change of the row in one transaction. What its condition keeps from being made (the event is
 * there, the row is further) is left out, and the rest is tried again: of the changes the next one, then the event alone.
 * @param event Left out where it has outlived its retention.
 * @param changes What to do to the row: the first of these that can be done.
 */
export async function appendTo(
  calls: Pick<TableCalls, "write">,
  call: AwsCall,
  event: Write | undefined,
  changes: readonly Write[],
): Promise<"appended" | "exists"> {
  let pending = event;
  const alternatives = [...changes];
  for (;;) {
    const change = alternatives[0];
    const writes = [pending, change].filter((write) => write !== undefined);
    if (writes.length === 0) return "exists";
    const refused = await calls.write(call, writes);
    if (refused.size === 0) return pending === undefined ? "exists" : "appended";
    if (pending !== undefined && refused.has(pending)) pending = undefined;
    if (change !== undefined && refused.has(change)) alternatives.shift();
  }
}
