import type { TaskQuery, TaskRow } from "@agenthandoff/core";
import { rowOfItem } from "./items.js";
import { ALL_SHARDS, type Shelf, shelfOf } from "./keys.js";
import { distinct, mergeAscending } from "./merge.js";
import { damagedTasks, onShelf } from "./queries.js";
import type { TableCalls } from "./table-calls.js";

const SHELVES: readonly Shelf[] = ["open", "waiting", "failed", "completed", "canceled", "erased"];

/** The rows of a relay that match, from the index that holds the fewest others. */
export async function* listTasks(
  calls: Pick<TableCalls, "query">,
  table: string,
  relayId: string,
  query: TaskQuery,
): AsyncGenerator<TaskRow, void> {
  const call = { operation: "list tasks", subject: `relay ${relayId}`, signal: query.signal };
  if (query.damaged === true) {
    yield* calls.query(call, damagedTasks(table, relayId, query), rowOfItem);
    return;
  }
  const shelves = query.status === undefined ? SHELVES : [shelfOf(query.status)];
  for (const shard of ALL_SHARDS) {
    const rows = shelves.map((shelf) => calls.query(call, onShelf(table, relayId, shelf, shard, query), rowOfItem));
    // A task that changes its status meanwhile may be met on both shelves; in the order of tasks, one after the other.
    yield* distinct(
      mergeAscending(rows, ({ taskId }) => taskId),
      ({ taskId }) => taskId,
    );
  }
}
