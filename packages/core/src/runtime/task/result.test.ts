import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

describe("the result of a task", () => {
  it("waits until the task rests, whoever brings it there", async () => {
    const bed = createBed({ agents: [passesTo("research", "code"), finishes("code")] });
    const task = await bed.relay.start({ to: "research", taskId: "t" });
    const result = task.result();
    const other = bed.another();
    await other.deliver("research");
    await other.deliver("code");
    expect(await bed.settled(result)).toEqual({
      status: "completed",
      taskId: "t",
      hop: 2,
      head: (await task.head()).head,
      agent: "code",
      reason: undefined,
      output: "what code made",
    });
  });

  it("holds values as they were returned, large ones too", async () => {
    const output = { map: new Map([[1n, new Uint8Array(70_000).fill(9)]]), when: new Date(3), none: undefined };
    const bed = createBed({ agents: [scriptedAgent("qa", () => output)] });
    const task = await bed.relay.start({ to: "qa", taskId: "t", input: new Uint8Array(80_000) });
    await bed.deliver("qa");
    const cold = bed.another();
    expect(await cold.relay.task("t").result()).toMatchObject({ output });
    // Only the last hop's values are read.
    expect(cold.trace.filter((call) => call === "get blobs")).toHaveLength(1);
    expect((await task.context()).latest("qa")).toEqual(output);
  });

  it("is in the audit before it is told, whoever committed it", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    const worker = bed.another();
    worker.die("append committed:1");
    const delivery = await worker.receive("qa");
    if (delivery === undefined) throw new Error("nothing received");
    worker.handle("qa", delivery).catch(() => {});
    expect(await bed.settled(task.result())).toMatchObject({ status: "completed" });
    expect(bed.kinds("t")).toContain("committed:1");
    expect(bed.trace.at(-1)).toBe("flush");
  });

  it("ends with its signal's reason, and is a TaskNotFoundError where there is no task", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    const stop = new AbortController();
    const result = task.result({ signal: stop.signal });
    await bed.clock.advance(5_000);
    stop.abort("enough");
    await expect(result).rejects.toBe("enough");
    expect(bed.clock.pending).toBe(0);
    await expect(bed.relay.task("ghost").result()).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("of a damaged task is a ContextIntegrityError, never a guess", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    await bed.remove(bed.slotKey("t", 0));
    await expect(bed.another().relay.task("t").result()).rejects.toMatchObject({ code: "CONTEXT_INTEGRITY" });
  });

  it("does not take a store that is silent for a task that is not there", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    const cold = bed.another();
    for (const call of ["list", "get"]) {
      cold.fail(call, "before");
      await expect(cold.relay.task("t").result()).rejects.toMatchObject({ code: "STORE" });
      cold.heal();
    }
    expect(await cold.relay.task("t").result()).toMatchObject({ status: "completed" });
  });
});

describe("a task's audit", () => {
  it("tells all that happened, in order, with who and why", async () => {
    const qa = scriptedAgent(
      "qa",
      (turn, run) => {
        if (run === 1) throw new Error("again");
        return run === 2 ? turn.wait({ reason: "ask" }) : turn.complete({ usage: { inputTokens: 5, modelCalls: 1 } });
      },
      { version: "7" },
    );
    const bed = createBed({ agents: [qa] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    await bed.deliver("qa");
    await task.resume({ head: (await task.head()).head, answer: 1, by: "ann" });
    await bed.deliver("qa");
    const audit = await task.audit();
    expect(audit.map(({ kind, hop }) => `${kind}:${hop}`)).toEqual([
      "committed:0",
      "attempt_started:0",
      "attempt_failed:0",
      "attempt_started:0",
      "committed:1",
      "committed:2",
      "attempt_started:2",
      "committed:3",
    ]);
    expect(audit.find(({ hop, kind }) => hop === 2 && kind === "committed")?.detail).toMatchObject({
      by: "ann",
      decision: "handoff",
      to: "qa",
    });
    expect(audit.at(-1)?.detail).toMatchObject({ agent_version: "7", usage: { inputTokens: 5, modelCalls: 1 } });
    expect(audit.every(({ id }) => /^[\x20-\x7e]{1,256}$/.test(id))).toBe(true);
  });

  it("takes its content from the slot, not from whoever writes it: two writers write the same", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    const first = await bed.events("t");
    bed.data.tasks.clear();
    await bed.clock.advance(1_000_000);
    await bed.another().relay.reconcile({ full: true });
    const rebuilt = await bed.events("t");
    expect(rebuilt).toEqual(first.filter(({ kind }) => kind === "committed"));
  });
});
