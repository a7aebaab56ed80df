import type { Clock } from "@agenthandoff/core";
import type { SqsApi } from "./sqs-api.js";

export interface MoveOptions {
  readonly api: SqsApi;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Has SQS move all messages from one queue to another, waits for it, and resolves to how many it says that it moved.
 * Where SQS takes no such task (another one runs, this role may not, an older server) it resolves to 0: there is
 * another way, which is slower.
 * @throws Error where somebody cancelled the task
 */
export async function moveAll(fromUrl: string, toUrl: string, { api, clock, signal }: MoveOptions): Promise<number> {
  const [from, to] = await Promise.all(
    [fromUrl, toUrl].map(async (url) => (await api.attributes(url, signal)).QueueArn),
  );
  if (from === undefined || to === undefined) return 0;
  if (!(await started(from, to, { api, clock, signal }))) return 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const [latest] = await api.moves(from, signal);
    if (latest?.Status === "CANCELLED" || latest?.Status === "CANCELLING") {
      throw new Error("somebody cancelled the task that moves the messages; redrive again to move the rest");
    }
    if (latest?.Status !== "RUNNING") return latest?.ApproximateNumberOfMessagesMoved ?? 0;
    await clock.sleep(pauseMs, signal);
  }
}

async function started(from: string, to: string, { api, signal }: MoveOptions): Promise<boolean> {
  try {
    // The destination is named, since SQS does not know where a message came from that was sent to a dead-letter queue.
    await api.startMove(from, to, signal);
    return true;
  } catch {
    // An outage or an abort too: the slower way meets it again, and says so.
    return false;
  }
}
