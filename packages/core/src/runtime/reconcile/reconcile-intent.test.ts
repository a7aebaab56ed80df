import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("an intent whose caller died", () => {
  it("is finished when its commit landed, wherever the caller died after it", async () => {
    for (const call of ["append committed:0", "send research:0.0", "settle"]) {
      const { bed, code } = await dyingStart(call);
      expect(await bed.relay.reconcile(), call).toMatchObject({ intentsFinished: 0, intentsClosed: 0 });
      await bed.clock.advance(MINUTE);
      expect(await bed.relay.reconcile(), call).toMatchObject({ intentsFinished: 1 });
      expect(await bed.intents()).toEqual([]);
      expect(await bed.row("t")).toMatchObject({ status: "running", headHop: 0 });
      await bed.deliver("research");
      await bed.deliver("code");
      expect(code.turns).toHaveLength(1);
    }
  });

  it("is closed when nothing landed, but only after intentTtl", async () => {
    for (const call of ["put slot:0", "put blobs"]) {
      const { bed } = await dyingStart(call);
      await bed.clock.advance(59 * MINUTE);
      expect(await bed.relay.reconcile()).toMatchObject({ intentsFinished: 0, intentsClosed: 0 });
      expect(await bed.intents()).toHaveLength(1);
      await bed.clock.advance(2 * MINUTE);
      expect(await bed.relay.reconcile()).toMatchObject({ intentsClosed: 1 });
      expect(await bed.intents()).toEqual([]);
      await expect(bed.relay.task("t").head()).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    }
  });

  it("keeps a task found whatever its row says: a retry that was never audited goes on", async () => {
    const qa = scriptedAgent("qa", (turn, run) => (run === 1 ? turn.fail({ reason: "no" }) : "done"));
    const bed = createBed({ agents: [qa] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    const caller = bed.another();
    const { head } = await task.head();
    caller.die("append committed:2");
    caller.relay
      .task("t")
      .retry({ head })
      .catch(() => {});
    await bed.clock.advance(MINUTE);
    expect(await bed.row("t")).toMatchObject({ status: "failed" });
    expect(await bed.relay.reconcile()).toMatchObject({ intentsFinished: 1 });
    expect(await bed.row("t")).toMatchObject({ status: "running" });
    expect(await bed.deliver("qa")).toMatchObject({ decision: "complete" });
  });

  it("is kept while the chain is damaged, since its commit may be there", async () => {
    const { bed } = await dyingStart("append committed:0");
    const bytes = await bed.remove(bed.slotKey("t", 0));
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 0), bytes.slice(0, 40));
    await bed.clock.advance(5 * HOUR);
    expect(await bed.relay.reconcile()).toMatchObject({ intentsClosed: 0, intentsFinished: 0 });
    await bed.remove(bed.slotKey("t", 0));
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 0), bytes);
    expect(await bed.relay.reconcile()).toMatchObject({ intentsFinished: 1 });
  });
});

/** A start of task `t` whose process dies before this call. */
async function dyingStart(dieBefore: string) {
  const [research, code] = [passesTo("research", "code"), finishes("code")];
  const bed = createBed({ agents: [research, code] });
  const caller = bed.another();
  caller.die(dieBefore);
  caller.relay.start({ to: "research", taskId: "t", input: new Uint8Array(70_000) }).catch(() => {});
  await bed.clock.advance(0);
  return { bed, research, code };
}
