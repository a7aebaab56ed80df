import { describe, expect, it } from "vitest";
import { waitingTask } from "../testing/waiting-task.js";

describe("an intent", () => {
  it("that has grown old is appended again before the put, so that nobody closes it under a slow caller", async () => {
    const { bed, task } = await waitingTask();
    const slow = bed.another();
    slow.intercept = async (call) => {
      if (call === "list slots") await bed.clock.advance(16 * 60_000);
    };
    await slow.relay.task("t").cancel();
    expect(slow.trace.filter((call) => call === "intend cancel")).toHaveLength(2);
    expect(slow.trace.lastIndexOf("intend cancel")).toBe(slow.trace.indexOf("put slot:2") - 1);
    expect((await task.head()).state).toBe("canceled");
    expect(await bed.intents()).toEqual([]);
  });

  it("survives an outage of store, queue or audit after it, and is no longer there once its call is refused", async () => {
    for (const call of ["put slot:2", "append committed:2", "send qa:2.0"]) {
      const { bed, task, head } = await waitingTask();
      bed.fail(call, "before", 100);
      await expect(bed.settled(task.resume({ head, answer: 1 }))).rejects.toMatchObject({ retryable: true });
      expect(await bed.intents(), call).toMatchObject([{ operation: "resume" }]);
    }
  });

  it("that cannot be appended stops the call before its put", async () => {
    const { bed, task, head } = await waitingTask();
    bed.fail("intend", "before", 3);
    await expect(task.resume({ head, answer: 1 })).rejects.toMatchObject({ code: "AUDIT" });
    await expect(task.cancel()).rejects.toMatchObject({ code: "AUDIT" });
    await expect(bed.relay.start({ to: "qa", taskId: "u" })).rejects.toMatchObject({ code: "AUDIT" });
    expect(await bed.decisions("t")).toEqual(["handoff", "wait"]);
    expect(bed.data.objects.has(bed.slotKey("u", 0))).toBe(false);
  });
});
