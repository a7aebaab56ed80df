import { describe, expect, it } from "vitest";
import { createBed, VISIBILITY_MS } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";

/** An agent that works until it is told to stop, or to end. */
function patient() {
  const ends: ((value: unknown) => void)[] = [];
  const agent = scriptedAgent(
    "qa",
    ({ signal }) =>
      new Promise((resolve, reject) => {
        ends.push(resolve);
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  );
  return { agent, ends };
}

async function running(visibilityFaults: (bed: ReturnType<typeof createBed>) => void = () => {}) {
  const { agent, ends } = patient();
  const bed = createBed({ agents: [agent] });
  await bed.relay.start({ to: "qa", taskId: "t" });
  const delivery = await bed.receive("qa");
  if (delivery === undefined) throw new Error("nothing received");
  bed.trace.splice(0);
  visibilityFaults(bed);
  const outcome = bed.handle("qa", delivery);
  await bed.clock.advance(0);
  return { agent, ends, bed, outcome };
}

describe("while an agent runs", () => {
  it("its message stays invisible to others: extended at a third of the timeout, the next slot probed each time", async () => {
    const { bed, ends, outcome } = await running();
    bed.trace.splice(0);
    await bed.clock.advance(10 * VISIBILITY_MS);
    expect(await bed.another().receive("qa")).toBeUndefined();
    expect(bed.trace.filter((call) => call === "extend")).toHaveLength(30);
    expect(bed.trace.filter((call) => call === "get slot:1")).toHaveLength(30);
    ends[0]?.("done");
    expect(await bed.settled(outcome)).toMatchObject({ status: "committed" });
    expect(bed.clock.pending).toBe(0);
  });

  it("a cancel aborts it through its signal within a third of the timeout, and is helped", async () => {
    const { agent, bed, outcome } = await running();
    await bed.another().relay.task("t").cancel({ by: "ann" });
    await bed.clock.advance(VISIBILITY_MS / 3);
    expect(agent.turns[0]?.signal.aborted).toBe(true);
    expect(await bed.settled(outcome)).toEqual({ status: "superseded" });
    expect(bed.kinds("t")).toContain("superseded:0");
    expect(bed.queued("qa")).toBe(0);
    expect(await bed.decisions("t")).toEqual(["handoff", "cancel"]);
  });

  it("a queue or store that does not answer changes nothing: the slot decides in the end", async () => {
    const { agent, bed, ends, outcome } = await running();
    bed.fail("extend", "before", 5);
    bed.fail("get slot:1", "before", 5);
    await bed.clock.advance(2 * VISIBILITY_MS);
    expect(agent.turns[0]?.signal.aborted).toBe(false);
    ends[0]?.("done");
    expect(await bed.settled(outcome)).toMatchObject({ status: "committed" });
  });
});

describe("a lease that runs out in the middle of a run", () => {
  it("lets another worker run too; exactly one wins, and the other discards its own and helps", async () => {
    const { agent, bed, ends, outcome } = await running();
    bed.fail("extend", "before", 1_000);
    await bed.clock.advance(VISIBILITY_MS + 1);
    const other = bed.another();
    const delivery = await other.receive("qa");
    if (delivery === undefined) throw new Error("nothing received");
    const second = other.handle("qa", delivery);
    await bed.clock.advance(10);
    expect(agent.turns).toHaveLength(2);
    ends[1]?.("the second's");
    expect(await bed.settled(second)).toMatchObject({ status: "committed" });
    ends[0]?.("the first's");
    expect(await bed.settled(outcome)).toEqual({ status: "superseded" });
    expect(await bed.relay.task("t").result()).toMatchObject({ output: "the second's" });
    expect(await bed.decisions("t")).toEqual(["handoff", "complete"]);
  });
});

describe("before an agent runs", () => {
  it("a message that was received long ago is extended; one that somebody else holds now is not run", async () => {
    const { agent } = patient();
    const bed = createBed({ agents: [agent] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const delivery = await bed.receive("qa");
    const receivedAt = bed.clock.now();
    if (delivery === undefined) throw new Error("nothing received");
    // Its process was paused, and another one got the message.
    await bed.clock.advance(VISIBILITY_MS + 1);
    expect(await bed.another().receive("qa")).toBeDefined();
    expect(await bed.settled(bed.handle("qa", delivery, receivedAt))).toEqual({
      status: "released",
      reason: "lease-lost",
    });
    expect(agent.turns).toHaveLength(0);
    expect(bed.kinds("t")).not.toContain("attempt_started:0");
  });

  it("a message just received costs no extension", async () => {
    const { bed } = await running();
    expect(bed.trace).not.toContain("extend");
  });
});
