import { createRelay, defineAgent, NonRetryableError, RetryLaterError } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";

let calls = 0;

/** Stands for a service that is busy now and then. */
async function chargeCard(order: string, options: { idempotencyKey: string; signal: AbortSignal }): Promise<string> {
  calls++;
  options.signal.throwIfAborted();
  if (calls === 1) throw new RetryLaterError("the payment service is busy", { retryAfterMs: 20 });
  return `receipt ${order} ${options.idempotencyKey.slice(0, 8)}`;
}

const billing = defineAgent({
  name: "billing",
  version: "1",
  deadlineMs: 60_000,
  async run({ context, signal, attempt, complete, idempotencyKey }) {
    const { order } = context.input as { order: string | null };
    if (order === null) throw new NonRetryableError("there is nothing to charge for");
    // Equal in every attempt: a service that honours it charges once, however often this agent runs.
    const receipt = await chargeCard(order, { idempotencyKey: idempotencyKey("charge", { order }), signal });
    return complete({
      reason: `charged in attempt ${attempt.number}`,
      output: receipt,
      artifacts: [{ name: "receipt.txt", data: receipt }],
    });
  },
});

const relay = createRelay({ id: "billing", agents: [billing], backend: memory() });

const charged = await relay.run({ to: "billing", input: { order: "o-42" }, taskId: "order-42" });
console.log(charged.status, "-", charged.status === "completed" ? charged.reason : "");

const refused = await relay.run({ to: "billing", input: { order: null }, taskId: "order-43" });
console.log(refused.status, "-", refused.status === "failed" ? refused.error?.message : "");
