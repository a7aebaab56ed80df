import { type Backend, createRelay, type Delivery, defineAgent, type Relay } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it, onTestFinished } from "vitest";
import { type TestServers, testResources } from "./testing/resources.js";

/** Ping hands to pong and back, as many hops as the task asks for. */
const agents = ["ping", "pong"] as const;
const other = { ping: "pong", pong: "ping" } as const;

function relayOf(backend: Backend): Relay<"ping" | "pong"> {
  const made = agents.map((name) =>
    defineAgent({
      name,
      handsTo: [other[name]],
      run: ({ context, handoff, complete }) =>
        context.hop >= (context.input as { hops: number }).hops
          ? complete()
          : handoff(other[name], { output: { hop: context.hop } }),
    }),
  );
  return createRelay({ id: "counted", agents: made, backend });
}

/** How often each operation was called. */
function tally(calls: readonly RecordedCall[], from = 0): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of calls.slice(from)) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

describeWithServers(["s3", "sqs", "dynamodb"], "what a handoff costs, in requests", (servers) => {
  async function place() {
    const made = await testResources(servers as TestServers, { agents });
    onTestFinished(() => made.dispose());
    return made;
  }

  /** Handles the next delivery of an agent, and tells the requests that this took beside its receipt. */
  async function step(
    handle: Awaited<ReturnType<typeof place>>,
    agent: "ping" | "pong",
    warm?: ReturnType<typeof open>,
  ) {
    const { backend, relay, calls } = warm ?? open(handle);
    const delivery = await next(backend, agent);
    const from = calls.map((each) => each.length);
    const outcome = await relay.handle(delivery, { agent });
    const [s3 = {}, sqs = {}, dynamodb = {}] = calls.map((each, index) => tally(each, from[index]));
    return { outcome, s3, sqs, dynamodb };
  }

  function open({ clients, open: openBackend }: Awaited<ReturnType<typeof place>>) {
    const own = clients();
    const backend = openBackend({ clients: own });
    const calls = [recordCalls(own.s3), recordCalls(own.sqs), recordCalls(own.dynamodb)];
    return { backend, relay: relayOf(backend), calls };
  }

  it("is 1 put and at most 2 gets, 1 send and 1 delete, 1 transaction and 1 attempt, while a worker is warm", async () => {
    const handle = await place();
    const warm = open(handle);
    await warm.relay.start({ to: "ping", taskId: "t", input: { hops: 8 } });
    for (let hop = 0; hop < 8; hop++) {
      const { outcome, s3, sqs, dynamodb } = await step(handle, agentAt(hop), warm);
      expect(outcome).toEqual({ status: "committed", decision: "handoff" });
      const { GetObject = 0, ...writes } = s3;
      expect(GetObject).toBeLessThanOrEqual(2);
      expect(writes).toEqual({ PutObject: 1 });
      expect(sqs).toEqual({ SendMessage: 1, DeleteMessage: 1 });
      expect(dynamodb).toEqual({ TransactWriteItems: 1, PutItem: 1 });
    }
  });

  it("is at most 16 gets in one round for a worker that has seen nothing of a task of 1,000 hops", async () => {
    const handle = await place();
    const { backend } = open(handle);
    const message = await longChain(backend.store, 1_000);
    await backend.transport.send({ relayId: "counted", agent: message.agent }, message);
    const { outcome, s3 } = await step(handle, message.agent);
    expect(outcome).toEqual({ status: "committed", decision: "complete" });
    expect(s3.GetObject).toBeLessThanOrEqual(16);
  });
});

/** Writes a chain in memory, copies it, and yields the message that its head sent. */
async function longChain(store: Backend["store"], hops: number) {
  const origin = memory();
  const relay = relayOf(origin);
  const task = await relay.start({ to: "ping", taskId: "long", input: { hops } });
  for (let hop = 0; hop < hops; hop++) await relay.handle(await next(origin, agentAt(hop)), { agent: agentAt(hop) });
  expect(await task.head()).toMatchObject({ hop: hops });
  for await (const key of origin.store.list("")) {
    const bytes = await origin.store.get(key);
    if (bytes !== undefined) await store.putIfAbsent(key, bytes);
  }
  const { body, groupId } = await next(origin, agentAt(hops));
  return { body, groupId, deduplicationId: "last", agent: agentAt(hops) };
}

const agentAt = (hop: number): "ping" | "pong" => (hop % 2 === 0 ? "ping" : "pong");

async function next(backend: Backend, agent: string): Promise<Delivery> {
  const options = { max: 1, waitMs: 20_000, visibilityMs: backend.visibilityMs };
  const [delivery] = await backend.transport.receive({ relayId: "counted", agent }, options);
  if (delivery === undefined) throw new Error(`nothing came for ${agent}`);
  return delivery;
}
