import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { finishes, scriptedAgent } from "../testing/scripted-agent.js";
import { waitingTask } from "../testing/waiting-task.js";

async function failed() {
  const setting = await waitingTask();
  await setting.task.resume({ head: setting.head, answer: "yes" });
  await setting.bed.deliver("qa");
  setting.bed.trace.splice(0);
  return { ...setting, head: (await setting.task.head()).head };
}

describe("resume", () => {
  it("hands the answer to the agent that waited, under an intent, in the order of every commit", async () => {
    const { bed, qa, task, head } = await waitingTask();
    expect(await task.head()).toMatchObject({ state: "waiting", agent: "qa", hop: 1 });
    bed.trace.splice(0);
    await task.resume({ head, answer: { approved: true }, by: "ann", reason: "looks good" });
    expect(bed.trace.filter((call) => !call.startsWith("list") && !call.startsWith("get"))).toEqual([
      "intend resume",
      "put slot:2",
      "append committed:1",
      "append committed:2",
      "send qa:2.0",
      "settle",
    ]);
    expect(await bed.head("t")).toMatchObject({
      by: "ann",
      fromAgent: null,
      decision: { to: "qa", reason: "looks good" },
    });
    await bed.deliver("qa");
    expect(qa.turns[1]?.context.answer).toEqual({ approved: true });
    expect(qa.turns[1]?.context.from).toBeNull();
  });

  it("tells the audit also of the hop that it answers, which nobody else may do: its message may be dead", async () => {
    const bed = createBed({ agents: [scriptedAgent("qa", (turn) => turn.wait({ question: "go on?" }))] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    const worker = bed.another();
    worker.die("append committed:1");
    const delivery = await worker.receive("qa");
    if (delivery === undefined) throw new Error("nothing received");
    worker.handle("qa", delivery).catch(() => {});
    await bed.clock.advance(0);
    await task.resume({ head: (await task.head()).head, answer: "yes" });
    expect(bed.kinds("t")).toEqual(["committed:0", "attempt_started:0", "committed:1", "committed:2"]);
  });

  it("is applied once, however often it is repeated, and a repeat helps the first along", async () => {
    const { bed, qa, task, head } = await waitingTask();
    bed.fail("append committed:2", "before", 100);
    await expect(task.resume({ head, answer: 1 })).rejects.toMatchObject({ code: "AUDIT" });
    expect(await bed.intents()).toHaveLength(1);
    bed.heal();
    await bed.another().relay.task("t").resume({ head, answer: 1 });
    expect(bed.kinds("t")).toContain("committed:2");
    expect(await bed.deliver("qa")).toMatchObject({ decision: "fail" });
    await task.resume({ head, answer: 1 });
    expect(qa.turns).toHaveLength(2);
    expect(await bed.decisions("t")).toEqual(["handoff", "wait", "handoff", "fail"]);
  });

  it("of a question that somebody else has answered is a HeadMovedError, and leaves no intent", async () => {
    const { bed, task, head } = await waitingTask();
    await task.resume({ head, answer: "no" });
    await expect(task.resume({ head, answer: "yes" })).rejects.toMatchObject({ code: "HEAD_MOVED" });
    await expect(task.resume({ head, answer: "no", by: "bob" })).rejects.toMatchObject({ code: "HEAD_MOVED" });
    expect(await bed.intents()).toEqual([]);
  });

  it("at the same moment by two people applies one answer; the other gets a HeadMovedError and leaves no intent", async () => {
    const { bed, task, head } = await waitingTask();
    const other = bed.another();
    const answers = await Promise.allSettled([
      task.resume({ head, answer: "yes", by: "ann" }),
      other.relay.task("t").resume({ head, answer: "no", by: "bob" }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "HEAD_MOVED" } });
    expect(await bed.intents()).toEqual([]);
    expect(bed.queued("qa")).toBe(1);
  });

  it("takes the caller's own key, by which a repeat is known whatever else it says", async () => {
    const { bed, task, head } = await waitingTask();
    await task.resume({ head, answer: "yes", requestId: "click-1" });
    await task.resume({ head, answer: "yes, again", requestId: "click-1" });
    expect(await bed.head("t")).toMatchObject({ requestId: "click-1", hop: 2 });
    for (const requestId of ["", "two words", "x".repeat(129), "a\n"])
      await expect(task.resume({ head, answer: 1, requestId })).rejects.toMatchObject({ code: "INVALID_ID" });
  });

  it("redacts the answer before it is hashed or stored, and refuses what cannot be kept", async () => {
    const { bed, task, head } = await waitingTask({
      redact: (entry) => (entry.kind === "answer" ? { ...entry, value: "[redacted]" } : entry),
    });
    await task.resume({ head, answer: "hunter2" });
    await task.resume({ head, answer: "hunter3" });
    await bed.deliver("qa");
    expect((await task.context()).handoffs).toHaveLength(4);
    const { task: second, head: at, bed: other } = await waitingTask({ maxContextBytes: 5_000 });
    await expect(second.resume({ head: at, answer: () => {} })).rejects.toMatchObject({ code: "NOT_SERIALIZABLE" });
    await expect(second.resume({ head: at, answer: "x".repeat(9_000) })).rejects.toMatchObject({
      code: "CONTEXT_TOO_LARGE",
    });
    expect(await other.decisions("t")).toEqual(["handoff", "wait"]);
    expect(await other.intents()).toEqual([]);
  });

  it("beyond maxHops is refused", async () => {
    const { task, head } = await waitingTask({ maxHops: 2 });
    await expect(task.resume({ head, answer: 1 })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
    expect(await task.cancel()).toBe("canceled");
  });
});

describe("retry", () => {
  it("hands to the agent of the last handoff before the failure, with the step and the answer that it had", async () => {
    const { bed, qa, task, head } = await failed();
    expect(await task.head()).toMatchObject({ state: "failed", agent: "qa" });
    await task.retry({ head, by: "ops" });
    expect(await bed.head("t")).toMatchObject({ hop: 4, step: 2, by: "ops", decision: { kind: "handoff", to: "qa" } });
    expect(await bed.deliver("qa")).toMatchObject({ decision: "complete" });
    expect(qa.turns[2]?.context.step).toBe(2);
    expect(await task.result()).toMatchObject({ output: "answered yes" });
  });

  it("is applied once when repeated, and is a HeadMovedError when the head has moved otherwise", async () => {
    const { bed, task, head } = await failed();
    await Promise.all([task.retry({ head }), bed.another().relay.task("t").retry({ head })]);
    expect(await bed.decisions("t")).toEqual(["handoff", "wait", "handoff", "fail", "handoff"]);
    expect(bed.queued("qa")).toBe(1);
    await expect(task.retry({ head, by: "somebody else" })).rejects.toMatchObject({ code: "HEAD_MOVED" });
    expect(await bed.intents()).toEqual([]);
  });

  it("keeps a task listed when a late audit of the failure arrives after it", async () => {
    const { bed, task, head } = await failed();
    await task.retry({ head });
    const events = await bed.events("t");
    const fail = events.find(({ id }) => id.startsWith("0000000003#committed"));
    if (fail === undefined) throw new Error("no event");
    await bed.backend.audit.append(fail, {
      row: {
        ...((await bed.row("t")) as NonNullable<Awaited<ReturnType<typeof bed.row>>>),
        status: "failed",
        headHop: 3,
      },
    });
    expect(await bed.row("t")).toMatchObject({ status: "running", headHop: 4 });
  });
});

describe("what may follow", () => {
  it("a failure is a retry alone, a question its answer alone, a running task neither", async () => {
    const asked = await waitingTask();
    await expect(asked.task.retry({ head: asked.head })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
    const stuck = await failed();
    await expect(stuck.task.resume({ head: stuck.head, answer: 1 })).rejects.toMatchObject({
      code: "INVALID_TRANSITION",
    });
    await asked.task.resume({ head: asked.head, answer: 1 });
    const { head } = await asked.task.head();
    await expect(asked.task.resume({ head, answer: 1 })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
    await expect(asked.task.retry({ head })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
    expect([...(await asked.bed.intents()), ...(await stuck.bed.intents())]).toEqual([]);
  });

  it("a final decision is nothing: not a retry, not an answer, not another cancel", async () => {
    const { bed, task, head } = await waitingTask();
    expect(await task.cancel({ by: "ann", reason: "not needed" })).toBe("canceled");
    expect(await task.result()).toMatchObject({ status: "canceled", by: "ann", reason: "not needed" });
    const final = (await task.head()).head;
    await expect(task.resume({ head, answer: 1 })).rejects.toMatchObject({ code: "HEAD_MOVED" });
    await expect(task.retry({ head: final })).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
    expect(await task.cancel({ by: "bob" })).toBe("canceled");
    expect(await bed.decisions("t")).toEqual(["handoff", "wait", "cancel"]);
    expect(await bed.intents()).toEqual([]);
  });

  it("a task that is not there is a TaskNotFoundError, and leaves no intent", async () => {
    const { bed, head } = await waitingTask();
    const ghost = bed.relay.task("ghost");
    for (const call of [
      ghost.cancel(),
      ghost.retry({ head }),
      ghost.resume({ head, answer: 1 }),
      ghost.head(),
      ghost.result(),
      ghost.context(),
      ghost.verify(),
      ghost.erase(),
    ])
      await expect(call).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    expect(await bed.intents()).toEqual([]);
    expect(bed.kinds("ghost")).toEqual([]);
    expect(() => bed.relay.task("../t")).toThrow(expect.objectContaining({ code: "INVALID_ID" }));
  });
});

describe("cancel", () => {
  it("reads and tries again until it wins", async () => {
    const loop = scriptedAgent("loop", (turn) => turn.handoff("loop"), { handsTo: ["loop"] });
    const bed = createBed({ agents: [loop] });
    const task = await bed.relay.start({ to: "loop", taskId: "t" });
    const operator = bed.another();
    let races = 3;
    operator.intercept = async (call) => {
      if (call.startsWith("put slot") && races-- > 0) await bed.deliver("loop");
    };
    expect(await operator.relay.task("t").cancel()).toBe("canceled");
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "handoff", "handoff", "cancel"]);
    expect(await task.result()).toMatchObject({ status: "canceled" });
  });

  it("finds that the task has ended well in the meantime, and says so", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const operator = bed.another();
    operator.intercept = async (call) => {
      if (call === "put slot:1") await bed.deliver("qa");
    };
    expect(await operator.relay.task("t").cancel()).toBe("completed");
    expect(await bed.intents()).toEqual([]);
  });
});
