import { BackendUnusableError, type DeliveryOutcome, type Relay } from "@agenthandoff/core";
import { processPartialResponse, SqsFifoPartialProcessorAsync } from "@aws-lambda-powertools/batch";
import { type BatchResponse, type EventRecord, type FunctionContext, parseSqsEvent } from "./event.js";
import { type HeldDelivery, heldDelivery } from "./held-delivery.js";
import { beginInvocation, type Invocation } from "./invocation.js";
import { type LambdaRouterOptions, parseRouterOptions, sqsTransportOf } from "./options.js";

/** A Lambda's handler for events of SQS. */
export type LambdaRouter = (event: unknown, context: FunctionContext) => Promise<BatchResponse>;

/** How long after its function's end a message that nobody gave back is hidden, in milliseconds. */
const VISIBILITY_MARGIN_MS = 5_000;

/** A message of the event: with its agent, or with what keeps it from being handled. */
type Taken = { readonly agent: string; readonly held: HeldDelivery } | { readonly error: unknown };

/** Thrown for a message that was given back, so that Lambda does not delete it. Nobody sees it. */
class GivenBack extends Error {}

/**
 * A relay's agents as a Lambda function behind their queues: each message of an event is handled as a worker would, in
 * the order of its task, and what was given back is reported as a failure of that message alone.
 * @throws InvalidOptionsError where an option is at fault, or the relay's queues are not on SQS
 */
export function lambdaRouter(relay: Relay, options: LambdaRouterOptions = {}): LambdaRouter {
  const { onError, ...times } = parseRouterOptions(options);
  const transport = sqsTransportOf(relay);
  const agents = relay.agents.map(({ name }) => name);

  return async (event, context) => {
    const records = parseSqsEvent(event);
    const invocation = beginInvocation(relay, context, times);
    const taken = new Map(records.map((record) => [record.messageId, take(record, invocation)]));
    // First of all: were this function to die, its messages would stay hidden for as long as their queue says.
    await Promise.all([...taken.values()].map(hold));
    const waiting = new Set(taken.keys());

    const response = await processPartialResponse(
      { Records: records as never },
      async ({ messageId }: { messageId: string }) => {
        const isFirst = waiting.size === taken.size;
        const message = taken.get(messageId);
        if (message === undefined || "error" in message) throw report(message?.error);
        if (!isFirst && relay.clock.now() > invocation.lastStartAt) throw new GivenBack();
        waiting.delete(messageId);
        if (isGivenBack(await handle(message, invocation))) throw new GivenBack();
      },
      new SqsFifoPartialProcessorAsync(),
      { skipGroupOnError: true, throwOnFullBatchFailure: false },
    );
    // Those behind one that was given back, and those that came too late. Their group is closed as long as that one is hidden.
    await Promise.all([...waiting].map((messageId) => giveBack(taken.get(messageId))));
    return { batchItemFailures: response.batchItemFailures.map(({ itemIdentifier }) => ({ itemIdentifier })) };
  };

  function take(record: EventRecord, { endsAt }: Invocation): Taken {
    try {
      const agent = transport.agentOf(relay.id, agents, record.eventSourceARN);
      if (agent === undefined) throw unknownQueue(record.eventSourceARN);
      const delivery = transport.deliveryOf({ relayId: relay.id, agent }, record, relay.clock.now());
      return { agent, held: heldDelivery(delivery, relay.clock, endsAt + VISIBILITY_MARGIN_MS) };
    } catch (error) {
      return { error };
    }
  }

  /** Where SQS does not answer now, each extension asks it again. */
  async function hold(message: Taken): Promise<void> {
    if ("held" in message) await message.held.hold().catch(report);
  }

  async function handle(
    { agent, held }: Extract<Taken, { held: HeldDelivery }>,
    { runsEndAt }: Invocation,
  ): Promise<DeliveryOutcome["status"]> {
    const whose = `this function's time limit; an agent that needs longer belongs in a long-lived worker: relay.worker({ agents: ["${agent}"] })`;
    try {
      if ((await held.hold()) === "lease-lost") return "released";
    } catch {
      // SQS does not answer, which was reported; whether the message is still ours, the slot decides.
    }
    try {
      const processDeadline = { at: runsEndAt, whose };
      return (await relay.handle(held.delivery, { agent, processDeadline })).status;
    } catch (error) {
      throw report(error);
    }
  }

  async function giveBack(message: Taken | undefined): Promise<void> {
    if (message !== undefined && "held" in message) await message.held.delivery.release(0).catch(report);
  }

  function report(error: unknown): unknown {
    onError(error);
    return error;
  }

  function unknownQueue(arn: string): BackendUnusableError {
    const message = `a message came from ${arn}, which is the queue of none of this relay's agents (${agents.join(", ")}); name that queue's URL in the backend's \`queues\`, or disconnect it from this function`;
    return new BackendUnusableError(message, { reason: "unknown-queue" });
  }
}

function isGivenBack(status: DeliveryOutcome["status"]): boolean {
  return status === "released" || status === "not-understood" || status === "damaged";
}
