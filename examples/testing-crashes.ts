// #region shop
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRelay, defineAgent } from "@agenthandoff/core";
import {
  CRASH_POINTS,
  type Crash,
  crashAfter,
  type FakeClock,
  fakeClock,
  type MemoryData,
  memory,
  memoryData,
  seededRandom,
} from "@agenthandoff/core/memory";

/** What outlives every process: the stored data, time, and the bank, which keeps one charge for each key. */
interface World {
  readonly data: MemoryData;
  readonly clock: FakeClock;
  readonly charges: Map<string, number>;
  calls: number;
}

const createWorld = (): World => ({ data: memoryData(), clock: fakeClock(), charges: new Map(), calls: 0 });

/** One process of the relay under test: a handle of its own on the data, and the agents on it. */
function openProcess(world: World, crash?: Crash) {
  const backend = memory({ data: world.data, clock: world.clock, crash });
  const order = defineAgent({
    name: "order",
    handsTo: ["billing"],
    run: ({ handoff }) => handoff("billing", { output: { price: 42 } }),
  });
  const billing = defineAgent({
    name: "billing",
    async run({ context, idempotencyKey }) {
      const { price } = context.latest("order") as { price: number };
      world.calls++;
      world.charges.set(idempotencyKey("charge", { price }), price);
      return "paid";
    },
  });
  return { backend, relay: createRelay({ id: "shop", agents: [order, billing], backend }) };
}

const request = { to: "order", taskId: "order-42" } as const;
// #endregion

// #region worker
for (const point of CRASH_POINTS.worker.filter((each) => each !== "send")) {
  test(`the order is paid once although the process of billing dies after "${point}"`, async () => {
    const world = createWorld();
    const doomed = openProcess(world, crashAfter(point, { agent: "billing" }));
    void doomed.relay.run(request); // never settles: nobody is left to hear of it
    await world.clock.until(doomed.backend.crashed);

    // The same request again, in another process: it finds the task where it is, and goes on from there.
    const result = await world.clock.until(openProcess(world).relay.run(request));
    assert(result.status === "completed");
    assert.equal(result.output, "paid");
    assert.equal(world.calls, point === "run" ? 2 : 1);
    assert.equal(world.charges.size, 1);
  });
}
// #endregion

// #region caller
for (const point of CRASH_POINTS.caller.filter((each) => each !== "intent")) {
  test(`an order is done although its caller dies after "${point}" and never asks again`, async () => {
    const world = createWorld();
    const doomed = openProcess(world, crashAfter(point));
    void doomed.relay.start(request);
    await world.clock.until(doomed.backend.crashed);

    const { relay } = openProcess(world);
    const stop = new AbortController();
    const worker = relay.worker({ signal: stop.signal });
    const result = await world.clock.until(relay.task("order-42").result());
    assert.equal(result.status, "completed");
    assert.equal(world.charges.size, 1);
    stop.abort();
    await world.clock.until(worker);
  });
}
// #endregion

// #region again
test("billing that kills its process each time is given up after three attempts", async () => {
  const world = createWorld();
  for (let deaths = 0; deaths < 3; deaths++) {
    const doomed = openProcess(world, crashAfter("run", { agent: "billing" }));
    void doomed.relay.run(request);
    await world.clock.until(doomed.backend.crashed);
  }
  const result = await world.clock.until(openProcess(world).relay.run(request));
  assert.equal(result.status, "failed");
  assert.equal(world.calls, 3);
  assert.equal(world.charges.size, 1);
});
// #endregion

// #region inside
test("a process that dies between two calls of one run repeats the first", async () => {
  const world = createWorld();
  const steps: string[] = [];
  function openKitchen(dies: boolean) {
    const backend = memory({ data: world.data, clock: world.clock });
    const cook = defineAgent({
      name: "cook",
      async run() {
        steps.push("boil");
        if (dies) await backend.crash(); // goes no further
        steps.push("serve");
        return "done";
      },
    });
    return { backend, relay: createRelay({ id: "kitchen", agents: [cook], backend }) };
  }
  const doomed = openKitchen(true);
  void doomed.relay.run({ to: "cook", taskId: "soup" });
  await world.clock.until(doomed.backend.crashed);
  await world.clock.until(openKitchen(false).relay.run({ to: "cook", taskId: "soup" }));
  assert.deepEqual(steps, ["boil", "boil", "serve"]);
});
// #endregion

// #region random
test("whatever dies when, the order is paid once", async () => {
  const points = [...CRASH_POINTS.caller, ...CRASH_POINTS.worker];
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed); // a seed that fails fails again
    const world = createWorld();
    // Two deaths: a third in one hop could use up its three attempts.
    for (let deaths = 0; deaths < 2; deaths++) {
      const point = points[Math.floor(random.number() * points.length)] ?? "run";
      const doomed = openProcess(world, crashAfter(point, { occurrence: 1 + Math.floor(random.number() * 3) }));
      // It may be done before its crash comes.
      await world.clock.until(Promise.race([doomed.backend.crashed, doomed.relay.run(request)]));
    }
    const result = await world.clock.until(openProcess(world).relay.run(request));
    assert.equal(result.status, "completed", `seed ${seed}`);
    assert.equal(world.charges.size, 1, `seed ${seed}`);
  }
});
// #endregion
