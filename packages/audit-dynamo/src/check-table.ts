import { guardCalls } from "@agenthandoff/aws-common";
import { AuditError, hasCode } from "@agenthandoff/core";
import { DescribeTableCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { tableFault, unusable } from "./compare-table.js";
import { type DynamoAuditLogOptions, settingOf } from "./options.js";
import { TIME_TO_LIVE_ATTRIBUTE } from "./table.js";

const guarded = guardCalls(AuditError);

/**
 * Makes sure, before anything is written, that the table is there and is what an audit log with these options needs.
 * @throws BackendUnusableError with the reason `missing`, `keys`, `index`, `not-active`, `time-to-live`, or why AWS refused
 * @throws AuditError where DynamoDB did not answer
 */
export async function checkAuditTable(
  options: DynamoAuditLogOptions & { readonly signal?: AbortSignal },
): Promise<void> {
  const { signal, ...others } = options;
  const { table, retentionDays, client } = settingOf("checkAuditTable", others);
  const sending = signal === undefined ? {} : { abortSignal: signal };
  const call = { operation: "check the table", subject: `table ${table}`, signal };
  try {
    await guarded(call, async () => {
      const { Table: found } = await client.send(new DescribeTableCommand({ TableName: table }), sending);
      const fault = tableFault(table, found ?? {});
      if (fault !== undefined) throw fault;
      if (retentionDays === undefined) return;
      const { TimeToLiveDescription: ttl } = await client.send(
        new DescribeTimeToLiveCommand({ TableName: table }),
        sending,
      );
      const isOn = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
      if (isOn && ttl.AttributeName === TIME_TO_LIVE_ATTRIBUTE) return;
      throw unusable(
        "time-to-live",
        `retentionDays is set, but table ${table} deletes nothing by the attribute ${TIME_TO_LIVE_ATTRIBUTE}; enable time to live on it, or leave retentionDays out`,
      );
    });
  } catch (error) {
    // A table that cannot work is no failure of the log: the reason is what the caller needs.
    throw error instanceof Error && hasCode(error.cause, "BACKEND_UNUSABLE") ? error.cause : error;
  }
}
