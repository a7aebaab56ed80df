import { describe, expect, it } from "vitest";
import { STORE_DEADLINE_MS } from "../chain/persist.js";
import { createBed } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

async function started() {
  const [research, code] = [passesTo("research", "code"), finishes("code")];
  const bed = createBed({ agents: [research, code] });
  await bed.relay.start({ to: "research", taskId: "t" });
  bed.trace.splice(0);
  return { research, code, bed };
}

const steps = (trace: readonly string[]) => trace.filter((call) => /^(put|append|send|acknowledge|release)/.test(call));

describe("a step", () => {
  it("commits, audits, sends and acknowledges, in this order, each once", async () => {
    const { bed } = await started();
    expect(await bed.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
    expect(steps(bed.trace)).toEqual([
      "append attempt_started:0",
      "put slot:1",
      "append committed:1",
      "send code:1.0",
      "acknowledge",
    ]);
  });

  it("writes the blobs that its handoff names before the commit", async () => {
    const code = scriptedAgent("code", (turn) =>
      turn.complete({ output: new Uint8Array(70_000), artifacts: [{ name: "a", data: "text" }] }),
    );
    const bed = createBed({ agents: [code] });
    await bed.relay.start({ to: "code", taskId: "t" });
    bed.trace.splice(0);
    await bed.deliver("code");
    expect(steps(bed.trace).slice(0, 4)).toEqual(["append attempt_started:0", "put blobs", "put blobs", "put slot:1"]);
  });

  it("is repaired by redelivery after a failure at any point, with nothing done twice", async () => {
    for (const call of ["put slot:1", "append committed:1", "send code:1.0", "acknowledge"]) {
      for (const kind of ["before", "after"] as const) {
        const { bed, research, code } = await started();
        bed.fail(call, kind, call.startsWith("put") ? 100 : 1);
        if (call === "put slot:1" && kind === "after") bed.fail("get slot:1", "before", 0);
        await bed.deliver("research");
        bed.heal();
        while (bed.queued("research") > 0) await bed.deliver("research");
        expect(await bed.deliver("code"), `${call} ${kind}`).toMatchObject({ status: "committed" });
        expect(bed.queued("code"), `${call} ${kind}`).toBe(0);
        expect(code.turns).toHaveLength(1);
        expect(research.turns.length).toBeLessThanOrEqual(call === "put slot:1" ? 2 : 1);
        expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "complete"]);
        expect(bed.kinds("t").filter((kinds) => kinds.startsWith("committed"))).toHaveLength(3);
      }
    }
  });

  it("sends nothing without its audit record", async () => {
    const { bed } = await started();
    bed.fail("append committed:1", "before", 1_000);
    for (let time = 0; time < 3; time++) await bed.deliver("research");
    expect(bed.trace.some((call) => call.startsWith("send"))).toBe(false);
    expect(bed.trace).not.toContain("acknowledge");
  });
});

describe("a commit whose reply is lost", () => {
  it("is read back: its own is success, and nothing is superseded", async () => {
    const { bed, research } = await started();
    bed.fail("put slot:1", "after");
    expect(await bed.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
    expect(research.turns).toHaveLength(1);
    expect(bed.kinds("t")).not.toContain("superseded:0");
  });

  it.each(["hang", "deaf"] as const)(
    "because the store never answers (%s) is given up after a minute, then read back",
    async (kind) => {
      const { bed } = await started();
      const before = bed.clock.now();
      bed.fail("put slot:1", kind);
      expect(await bed.deliver("research")).toMatchObject({ status: "committed" });
      expect(bed.clock.now() - before).toBeGreaterThanOrEqual(STORE_DEADLINE_MS);
    },
  );

  it("in an outage of some seconds does not waste the run", async () => {
    const { bed, research } = await started();
    bed.fail("put slot:1", "before", 4);
    expect(await bed.deliver("research")).toMatchObject({ status: "committed" });
    expect(research.turns).toHaveLength(1);
    const large = createBed({ agents: [scriptedAgent("code", () => new Uint8Array(70_000))] });
    await large.relay.start({ to: "code", taskId: "t" });
    large.fail("put blobs", "before", 4);
    expect(await large.deliver("code")).toMatchObject({ status: "committed" });
  });
});

describe("whoever finds the slot filled by somebody else", () => {
  it("discards its own, audits that it was superseded, helps the winner, and acknowledges", async () => {
    const [research, code] = [passesTo("research", "code"), finishes("code")];
    const bed = createBed({ agents: [research, code] });
    await bed.relay.start({ to: "research", taskId: "t" });
    const zombie = bed.another();
    const delivery = await zombie.receive("research");
    if (delivery === undefined) throw new Error("nothing received");
    // The other one wins, and dies before its audit.
    zombie.intercept = async (call) => {
      if (call !== "put slot:1") return;
      zombie.intercept = () => {};
      bed.fail("append committed:1", "before", 1_000);
      // The queue doubled the message.
      await bed.handle("research", { ...delivery, id: "doubled.1", release: async () => "done" });
    };
    expect(await zombie.handle("research", delivery)).toEqual({ status: "superseded" });
    expect(research.turns).toHaveLength(2);
    expect(bed.kinds("t")).toEqual(expect.arrayContaining(["superseded:0", "committed:1"]));
    expect(zombie.trace).toContain("send code:1.0");
    expect(bed.queued("code")).toBe(1);
    const [event] = (await bed.events("t")).filter(({ kind }) => kind === "superseded");
    expect(event?.detail.by).toBe((await bed.relay.task("t").head()).head);
  });

  it("when a cancel races a commit, exactly one wins, and the loser helps", async () => {
    for (const cancelFirst of [true, false]) {
      const { bed, code } = await started();
      bed.intercept = async (call) => {
        if (call !== "put slot:1") return;
        bed.intercept = () => {};
        if (cancelFirst) await bed.another().relay.task("t").cancel();
      };
      const outcome = await bed.deliver("research");
      if (!cancelFirst) await bed.relay.task("t").cancel();
      expect(outcome.status).toBe(cancelFirst ? "superseded" : "committed");
      expect(await bed.decisions("t")).toEqual(cancelFirst ? ["handoff", "cancel"] : ["handoff", "handoff", "cancel"]);
      expect(code.turns).toHaveLength(0);
    }
  });
});
