import { createRelay, defineAgent, type Relay } from "@agenthandoff/core";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it, onTestFinished } from "vitest";
import { type TestServers, testResources } from "./testing/resources.js";

/** Ping hands to pong and back, as many hops as the task asks for. */
const agents = ["ping", "pong"] as const;
const other = { ping: "pong", pong: "ping" } as const;

function relayOf(backend: Parameters<typeof createRelay>[0]["backend"]): Relay<"ping" | "pong"> {
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
    const [delivery] = await backend.transport.receive(
      { relayId: "counted", agent },
      { max: 1, waitMs: 20_000, visibilityMs: backend.visibilityMs },
    );
    if (delivery === undefined) throw new Error(`nothing came for ${agent}`);
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
    // The first write asks once whether the bucket keeps conditional writes.
    for (let hop = 0; hop < 8; hop++) {
      const { outcome, s3, sqs, dynamodb } = await step(handle, hop % 2 === 0 ? "ping" : "pong", warm);
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
    const warm = open(handle);
    await warm.relay.start({ to: "ping", taskId: "t", input: { hops: 1_000 } });
    const stop = new AbortController();
    const working = warm.relay.worker({ signal: stop.signal, reconcileEveryMs: false });
    for await (const { hop } of warm.relay.task("t").watch()) {
      if (hop >= 997) break;
    }
    stop.abort();
    await working;
    const head = await warm.relay.task("t").head();
    const { outcome, s3 } = await step(handle, head.hop % 2 === 0 ? "ping" : "pong");
    expect(outcome).toMatchObject({ status: "committed" });
    expect(s3.GetObject).toBeLessThanOrEqual(16);
  });
});
