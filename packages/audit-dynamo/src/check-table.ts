import type { AwsCall } from "@agenthandoff/aws-common";
import { type BackendUnusableError, hasCode } from "@agenthandoff/core";
import type { TimeToLiveDescription } from "@aws-sdk/client-dynamodb";
import { tableFault, unusable } from "./compare-table.js";
import { TIME_TO_LIVE_ATTRIBUTE } from "./table.js";
import type { TableCalls } from "./table-calls.js";

/** Makes sure that a table is there and is what an audit log needs; see `DynamoAuditLog.check`. */
export async function checkTable(
  calls: Pick<TableCalls, "describe" | "describeTimeToLive">,
  { table, retentionDays }: { readonly table: string; readonly retentionDays?: number | undefined },
  signal?: AbortSignal,
): Promise<void> {
  const call: AwsCall = { operation: "check the table", subject: `table ${table}`, signal };
  try {
    const fault =
      tableFault(table, await calls.describe(call)) ??
      (retentionDays === undefined ? undefined : timeToLiveFault(table, await calls.describeTimeToLive(call)));
    if (fault !== undefined) throw fault;
  } catch (error) {
    // A table that cannot work is no failure of it.
    throw hasCode(error, "AUDIT") && hasCode(error.cause, "BACKEND_UNUSABLE") ? error.cause : error;
  }
}

function timeToLiveFault(
  table: string,
  { AttributeName, TimeToLiveStatus }: TimeToLiveDescription,
): BackendUnusableError | undefined {
  const isOn = TimeToLiveStatus === "ENABLED" || TimeToLiveStatus === "ENABLING";
  if (isOn && AttributeName === TIME_TO_LIVE_ATTRIBUTE) return undefined;
  return unusable(
    "time-to-live",
    `retentionDays is set, but table ${table} deletes nothing by the attribute ${TIME_TO_LIVE_ATTRIBUTE}; enable time to live on it, or leave retentionDays out`,
  );
}
