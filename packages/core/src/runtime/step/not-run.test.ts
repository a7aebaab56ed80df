import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

/** A task whose hop 1 (research's handoff to code) is committed, with code's envelope in its queue. */
async function atCode() {
  const code = finishes("code");
  const bed = createBed({ agents: [passesTo("research", "code"), code] });
  await bed.relay.start({ to: "research", taskId: "t", input: "orders.csv" });
  await bed.deliver("research");
  return { bed, code };
}

describe("damage", () => {
  it("is believed only when a second read finds it again", async () => {
    const { bed, code } = await atCode();
    const cold = bed.another();
    let looks = 0;
    const get = cold.backend.store.get;
    Object.assign(cold.backend.store, {
      get: async (key: string) => {
        const bytes = await get(key);
        return key === bed.slotKey("t", 1) && looks++ === 0 ? bytes?.slice(0, 50) : bytes;
      },
    });
    expect(await cold.deliver("code")).toMatchObject({ status: "committed" });
    expect(looks).toBe(2);
    expect(code.turns).toHaveLength(1);
    expect(bed.kinds("t")).not.toContain("damaged:1");
  });

  it("means no run, no commit, a release that backs off, and an audited finding", async () => {
    const { bed, code } = await atCode();
    const bytes = await bed.remove(bed.slotKey("t", 1));
    const broken = Uint8Array.from(bytes);
    broken[broken.length - 20] = (broken[broken.length - 20] ?? 0) ^ 1;
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 1), broken);
    const cold = bed.another();
    for (let time = 0; time < 8; time++) expect(await cold.deliver("code")).toMatchObject({ status: "damaged" });
    expect(code.turns).toHaveLength(0);
    expect(cold.trace).not.toContain("put slot:2");
    expect(await bed.row("t")).toMatchObject({ status: "running", damaged: true });
    const delays = cold.trace.filter((call) => call.startsWith("release ")).map((call) => Number(call.slice(8)));
    expect(Math.max(...delays.slice(4))).toBeGreaterThan(Math.max(...delays.slice(0, 2)));

    // Repaired, it goes on, and the finding is cleared.
    await bed.remove(bed.slotKey("t", 1));
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 1), bytes);
    expect(await cold.deliver("code")).toMatchObject({ status: "committed" });
    expect(await bed.row("t")).toMatchObject({ status: "completed", damaged: false });
  });

  it("is never seen in a store that fails, is slow, or does not answer: nothing is decided then", async () => {
    const { bed, code } = await atCode();
    const cold = bed.another();
    cold.fail("get slot:1", "before", 2);
    for (let time = 0; time < 2; time++) expect(await cold.deliver("code")).toMatchObject({ status: "released" });
    cold.heal();
    cold.fail("list", "before", 1);
    expect(await cold.deliver("code")).toMatchObject({ status: "released" });
    cold.heal();
    cold.fail("get slot:1", { delayMs: 9_000 });
    expect(await cold.deliver("code")).toMatchObject({ status: "committed" });
    expect(code.turns).toHaveLength(1);
    expect(bed.kinds("t").filter((kind) => /damaged|refused|rejected/.test(kind))).toEqual([]);
  });
});

describe("what a worker does not understand", () => {
  it("in the chain (a newer version, a feature, a class that is not registered here) is left to others", async () => {
    class Money {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
    }
    const money = {
      name: "test.Money",
      is: (value: object): value is Money => value.constructor === Money,
      encode: (value: Money) => value.cents,
      decode: (cents: unknown) => new Money(cents as number),
    };
    const research = scriptedAgent("research", (turn) => turn.handoff("code", { output: new Money(5) }), {
      handsTo: ["code"],
    });
    const code = finishes("code");
    const bed = createBed({ agents: [research, code], classes: [money] });
    await bed.relay.start({ to: "research", taskId: "t" });
    await bed.deliver("research");
    const old = bed.another({ classes: [] });
    expect(await old.deliver("code")).toMatchObject({
      status: "not-understood",
      reason: expect.stringContaining("test.Money"),
    });
    expect(code.turns).toHaveLength(0);
    expect(bed.kinds("t")).toContain("not_understood:1");
    expect(await bed.deliver("code")).toMatchObject({ status: "committed" });
    expect(code.turns[0]?.context.latest("research")).toEqual(new Money(5));
  });

  it("with pinned versions includes a task that another version of the agent has begun", async () => {
    const versioned = (version: string) =>
      scriptedAgent("qa", (turn) => (turn.context.hop < 2 ? turn.handoff("qa") : "done"), { handsTo: ["qa"], version });
    const [first, second] = [versioned("1"), versioned("2")];
    const one = createBed({ agents: [first], versions: "pinned" });
    const two = one.another({ agents: [second] });
    await one.relay.start({ to: "qa", taskId: "t" });
    expect(await one.deliver("qa")).toMatchObject({ status: "committed" });
    expect(await two.deliver("qa")).toMatchObject({
      status: "not-understood",
      reason: expect.stringContaining('version "1" of qa'),
    });
    expect(await one.deliver("qa")).toMatchObject({ status: "committed" });
    expect(await one.deliver("qa")).toMatchObject({ status: "committed", decision: "complete" });
    expect(second.turns).toHaveLength(0);
    const context = await one.relay.task("t").context();
    expect(context.handoffs.map(({ agentVersion }) => agentVersion)).toEqual([undefined, "1", "1", "1"]);
    // Without pinning, any version goes on.
    const free = one.another({ agents: [second], versions: "any" });
    await free.relay.start({ to: "qa", taskId: "u" });
    expect(await one.deliver("qa")).toMatchObject({ status: "committed" });
    expect(await free.deliver("qa")).toMatchObject({ status: "committed" });
  });
});

describe("an error that nobody foresaw", () => {
  it("gives the message back with a growing delay and reaches the caller", async () => {
    const { bed } = await atCode();
    Object.assign(bed.backend.store, {
      get: async () => {
        throw new TypeError("a bug in a driver");
      },
    });
    await expect(bed.deliver("code")).rejects.toThrow(TypeError);
    expect(bed.trace.some((call) => call.startsWith("release "))).toBe(true);
  });

  it("in an acknowledgement whose receipt has expired is none", async () => {
    const { bed, code } = await atCode();
    const delivery = await bed.receive("code");
    if (delivery === undefined) throw new Error("nothing received");
    await delivery.acknowledge();
    expect(await bed.settled(bed.handle("code", delivery))).toMatchObject({ status: "committed" });
    expect(code.turns).toHaveLength(1);
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "complete"]);
  });
});
