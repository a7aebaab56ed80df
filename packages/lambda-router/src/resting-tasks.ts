import type { Relay, TaskQuery } from "@agenthandoff/core";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** Tasks that rest until a person decides, and leave no dead letter that would tell anybody. */
export interface RestingTasks {
  /** Failed, and neither retried nor canceled since. */
  readonly failed: number;
  /** Waiting for an answer for longer than is usual. */
  readonly waitingLong: number;
  readonly damaged: number;
}

/** A thousand and many thousands ask for the same: that somebody looks. */
const ENOUGH = 1_000;

/** Counts them as the audit log lists them, each kind up to a thousand. */
export async function countResting(
  relay: Relay,
  { waitingLongMs, signal }: { readonly waitingLongMs: number; readonly signal: AbortSignal },
): Promise<RestingTasks> {
  const count = async (query: TaskQuery): Promise<number> => {
    let found = 0;
    for await (const _row of relay.tasks({ ...query, signal })) if (++found >= ENOUGH) break;
    return found;
  };
  const longAgo = new Date(relay.clock.now() - waitingLongMs).toISOString();
  const [failed, waitingLong, damaged] = await Promise.all([
    count({ status: "failed" }),
    count({ status: "waiting", updatedBefore: longAgo }),
    count({ damaged: true }),
  ]);
  return { failed, waitingLong, damaged };
}

/** A line for CloudWatch Logs, which makes metrics of it: namespace `AgentHandoff`, dimension `service`, the relay's id. */
export function asMetrics(relayId: string, { failed, waitingLong, damaged }: RestingTasks): string {
  const metrics = new Metrics({ namespace: "AgentHandoff", serviceName: relayId });
  metrics.addMetric("FailedTasks", MetricUnit.Count, failed);
  metrics.addMetric("TasksWaitingLong", MetricUnit.Count, waitingLong);
  metrics.addMetric("DamagedTasks", MetricUnit.Count, damaged);
  return JSON.stringify(metrics.serializeMetrics());
}
