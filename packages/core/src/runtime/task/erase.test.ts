import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createBed, VISIBILITY_MS } from "../testing/bed.js";
import { passesTo, scriptedAgent } from "../testing/scripted-agent.js";

const SECRET = "Mr Miller's diagnosis";
const LONGEST_RUN_MS = 15 * 60_000 + 10_000 + VISIBILITY_MS;

/** A task whose every part holds something personal. */
async function personal() {
  const research = passesTo("research", "code");
  const code = scriptedAgent(
    "code",
    (turn, run) => {
      if (run === 1) throw new Error(SECRET);
      return turn.handoff("last", {
        reason: SECRET,
        output: SECRET,
        artifacts: [{ name: "f", data: SECRET.repeat(5_000) }],
      });
    },
    { handsTo: ["last"] },
  );
  const last = scriptedAgent("last", () => SECRET);
  const bed = createBed({ agents: [research, code, last] });
  const task = await bed.relay.start({ to: "research", taskId: "t", input: SECRET });
  await bed.deliver("research");
  await bed.deliver("code");
  await bed.deliver("code");
  await bed.backend.store.overwrite(`${bed.environment.keys.runs("t", 0)}checkpoint`, Buffer.from(SECRET));
  return { bed, task, last };
}

function remains(bed: Awaited<ReturnType<typeof personal>>["bed"]): boolean {
  const objects = [...bed.data.objects.values()].map(({ bytes }) => {
    try {
      return gunzipSync(bytes).toString();
    } catch {
      return Buffer.from(bytes).toString();
    }
  });
  return JSON.stringify([
    objects,
    [...bed.data.tasks.values()].map((tasks) => [...tasks.values()].map((task) => [...task.events.values()])),
  ]).includes(SECRET);
}

describe("erasing a task", () => {
  it("cancels it, overwrites every slot, deletes blobs and runs, and blanks the texts of the audit", async () => {
    const { bed, task, last } = await personal();
    expect(remains(bed)).toBe(true);
    await task.erase({ by: "ann" });
    expect(remains(bed)).toBe(false);
    expect([...bed.data.objects.keys()]).toEqual([0, 1, 2, 3].map((hop) => bed.slotKey("t", hop)));
    expect(await bed.row("t")).toMatchObject({ status: "erased" });
    expect(await task.result()).toEqual({ taskId: "t", status: "erased" });
    expect(bed.kinds("t")).toContain("erased:3");
    expect(await bed.deliver("last")).toEqual({ status: "erased" });
    expect(last.turns).toHaveLength(0);
    expect(bed.queued("last")).toBe(0);
  });

  it("leaves an unbroken chain of handoff hashes in the audit", async () => {
    const { bed, task } = await personal();
    await task.erase();
    const commits = (await bed.events("t")).filter(({ kind }) => kind === "committed");
    expect(commits.map(({ hop }) => hop)).toEqual([0, 1, 2, 3]);
    for (const [index, { detail }] of commits.entries())
      expect(detail.previous).toBe(index === 0 ? null : commits[index - 1]?.detail.sha256);
    expect(commits.at(-1)?.detail.decision).toBe("cancel");
  });

  it("is final: every call gets TaskErasedError, in processes that knew its content too", async () => {
    const { bed, task } = await personal();
    const other = bed.another();
    await other.relay.task("t").context();
    await bed.deliver("last");
    await other.relay.task("t").result();
    const { head } = await task.head();
    await task.erase();
    for (const each of [task, other.relay.task("t")]) {
      for (const call of [
        each.head(),
        each.context(),
        each.verify(),
        each.retry({ head }),
        each.resume({ head, answer: 1 }),
        each.cancel(),
      ])
        await expect(call).rejects.toMatchObject({ code: "TASK_ERASED" });
      expect(await each.result()).toEqual({ taskId: "t", status: "erased" });
      await expect(each.watch().next()).rejects.toMatchObject({ code: "TASK_ERASED" });
    }
    await expect(bed.relay.start({ to: "research", taskId: "t", input: SECRET })).rejects.toMatchObject({
      code: "TASK_ERASED",
    });
    expect((await bed.intents()).map(({ operation }) => operation)).toEqual(["erase"]);
  });

  it("holds against a zombie that commits afterwards, and is done again after the longest possible run", async () => {
    const { bed, task } = await personal();
    const zombie = bed.another();
    const delivery = await zombie.receive("last");
    if (delivery === undefined) throw new Error("nothing received");
    zombie.intercept = async (call) => {
      if (call !== "put slot:3") return;
      zombie.intercept = () => {};
      await task.erase();
      // What a run leaves behind for the next attempt.
      await bed.backend.store.overwrite(`${bed.environment.keys.runs("t", 3)}late`, Buffer.from(SECRET));
    };
    expect(await zombie.handle("last", delivery)).toEqual({ status: "erased" });
    await bed.clock.advance(LONGEST_RUN_MS - 1);
    expect(await bed.relay.reconcile()).toMatchObject({ intentsFinished: 0 });
    expect(remains(bed)).toBe(true);
    await bed.clock.advance(1);
    expect(await bed.relay.reconcile()).toMatchObject({ intentsFinished: 1 });
    expect(remains(bed)).toBe(false);
    expect(await bed.intents()).toEqual([]);
  });

  it("of a task that has ended keeps its end", async () => {
    const { bed, task } = await personal();
    await bed.deliver("last");
    await task.erase();
    const commits = (await bed.events("t")).filter(({ kind }) => kind === "committed");
    expect(commits.at(-1)?.detail.decision).toBe("complete");
    expect(bed.data.objects.size).toBe(4);
  });

  it.each(["put slot:3", "append committed:3", "overwrite slot:2", "delete blobs", "erase", "append erased"])(
    "whose process dies before `%s` is finished by the reconciler: nothing follows, nothing remains",
    async (call) => {
      const { bed } = await personal();
      const caller = bed.another();
      caller.die(call);
      caller.relay
        .task("t")
        .erase()
        .catch(() => {});
      await bed.clock.advance(LONGEST_RUN_MS);
      expect(await bed.relay.reconcile()).toMatchObject({ failed: [] });
      while (bed.queued("last") > 0) await bed.deliver("last");
      await bed.clock.advance(4 * LONGEST_RUN_MS);
      await bed.relay.reconcile();
      expect(remains(bed)).toBe(false);
      expect(await bed.relay.task("t").result()).toEqual({ taskId: "t", status: "erased" });
      expect(await bed.row("t")).toMatchObject({ status: "erased" });
      expect(await bed.intents()).toEqual([]);
    },
  );

  it("of a damaged task works too, and fills the slot after the last, so that no run can put its content back", async () => {
    const { bed, task, last } = await personal();
    const zombie = bed.another();
    const delivery = await zombie.receive("last");
    if (delivery === undefined) throw new Error("nothing received");
    zombie.intercept = async (call) => {
      if (call !== "put slot:3") return;
      zombie.intercept = () => {};
      await bed.remove(bed.slotKey("t", 1));
      await task.erase();
    };
    expect(await zombie.handle("last", delivery)).toEqual({ status: "erased" });
    expect(last.turns).toHaveLength(1);
    expect(remains(bed)).toBe(false);
  });

  it("in an outage is refused with the backend's error, and finished by the reconciler", async () => {
    const { bed, task } = await personal();
    bed.fail("overwrite", "before");
    await expect(task.erase()).rejects.toMatchObject({ code: "STORE" });
    await bed.clock.advance(LONGEST_RUN_MS);
    await bed.relay.reconcile();
    expect(remains(bed)).toBe(false);
  });
});
