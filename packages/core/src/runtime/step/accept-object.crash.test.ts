import { describe, expect, it } from "vitest";
import {
  type Crash,
  type CrashPoint,
  crashAfter,
  fakeClock,
  memory,
  memoryData,
  seededRandom,
} from "../../memory/index.js";
import { declareAgent, defineAgent } from "../agent/agent.js";
import { collect } from "../collect.js";
import { createRelay } from "../relay.js";

/** What a worker passes as it takes an object in, in this order. A continued chain has the hop before told again first. */
const POINTS = ["receive", "commit", "audit", "send", "acknowledge"] as const satisfies readonly CrashPoint[];

/** Research asks its producer, which is written in another language, for more, once. */
function createWorld() {
  const clock = fakeClock();
  const data = memoryData();
  const inputs: unknown[] = [];
  let seed = 0;

  function open(crash?: Crash) {
    const backend = memory({ data, clock, crash });
    const research = defineAgent({
      name: "research",
      handsTo: ["ingest"],
      run({ context, handoff }) {
        inputs.push(context.latest("ingest") ?? context.input);
        return context.latest("ingest") === undefined ? handoff("ingest") : "done";
      },
    });
    const relay = createRelay({
      id: "crash",
      agents: [declareAgent({ name: "ingest", handsTo: ["research"] }), research],
      backend,
      acceptUnversioned: { prefix: "handoffs/" },
      random: seededRandom(++seed),
    });
    return { backend, relay };
  }

  async function produce(name: string, deduplicationId: string): Promise<void> {
    const { store, transport } = open().backend;
    const key = `handoffs/ingest/${name}.json`;
    await store.putIfAbsent(key, new TextEncoder().encode(JSON.stringify({ name })));
    await transport.send(
      { relayId: "crash", agent: "research" },
      {
        body: JSON.stringify({ from_agent: "ingest", context_s3_key: key, task_id: "t" }),
        groupId: "t",
        deduplicationId,
      },
    );
  }

  /** A worker takes the message and dies of it. */
  async function diesOf(crash: Crash): Promise<void> {
    const { backend, relay } = open(crash);
    void relay.worker({ reconcileEveryMs: false }).catch(() => {});
    await clock.until(backend.crashed);
  }

  /** Another worker does what there is to do, until `done` hops are committed and every message is gone. */
  async function goesOn(): Promise<void> {
    const { relay } = open();
    const stop = new AbortController();
    const worker = relay.worker({ signal: stop.signal });
    await clock.advance(2 * 60 * 60_000);
    stop.abort();
    await clock.until(worker);
    expect((await relay.task("t").verify()).problems).toEqual([]);
    const queue = data.queues.get(JSON.stringify(["crash", "research"]));
    expect([queue?.messages.size, queue?.dead.size]).toEqual([0, 0]);
  }

  async function decisions(): Promise<unknown[]> {
    const events = await collect(open().backend.audit.events("crash", "t"));
    return events
      .filter(({ kind }) => kind === "committed")
      .map(({ detail }) => [detail.from ?? null, detail.decision]);
  }

  return { inputs, produce, diesOf, goesOn, decisions };
}

const STARTED = [
  [null, "handoff"],
  ["research", "handoff"],
];
const CONTINUED = [...STARTED, ["ingest", "handoff"], ["research", "complete"]];

describe("when a worker dies", () => {
  it.each(POINTS)("after %s of a first object, the chain is started once", async (point) => {
    const world = createWorld();
    await world.produce("1", "a");
    await world.diesOf(crashAfter(point, { agent: "research" }));
    await world.goesOn();
    expect(await world.decisions()).toEqual(STARTED);
    expect(world.inputs).toEqual([{ name: "1" }]);
  });

  it.each([...POINTS.map((point) => [point, 1] as const), ["audit", 2] as const])(
    "after %s (%d) of a further object, the chain is continued once",
    async (point, occurrence) => {
      const world = createWorld();
      await world.produce("1", "a");
      await world.goesOn();
      await world.produce("2", "b");
      await world.diesOf(crashAfter(point, { agent: "research", occurrence }));
      await world.goesOn();
      expect(await world.decisions()).toEqual(CONTINUED);
      expect(world.inputs).toEqual([{ name: "1" }, { name: "2" }]);
    },
  );

  it.each(POINTS)(
    "after %s, and the producer sends both of its messages again, nothing is appended twice",
    async (point) => {
      const world = createWorld();
      await world.produce("1", "a");
      await world.produce("1", "a again");
      await world.goesOn();
      await world.produce("2", "b");
      await world.produce("2", "b again");
      await world.produce("1", "a once more");
      await world.diesOf(crashAfter(point, { agent: "research" }));
      await world.goesOn();
      expect(await world.decisions()).toEqual(CONTINUED);
      expect(world.inputs).toEqual([{ name: "1" }, { name: "2" }]);
    },
  );
});
