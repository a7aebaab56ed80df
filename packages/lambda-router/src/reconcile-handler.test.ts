import { defineAgent, type ReconcileReport } from "@agenthandoff/core";
import { describe, expect, it, vi } from "vitest";
import { lambdaRouter, reconcileHandler } from "./index.js";
import { memoryFunction, VISIBILITY_MS } from "./testing/memory-function.js";

/** A task whose message is lost. */
async function place() {
  const made = memoryFunction([defineAgent({ name: "qa", run: () => "done" })]);
  await made.relay.start({ to: "qa", taskId: "t" });
  const { Records } = await made.event("qa");
  for (const delivery of Records) await made.lose(delivery);
  await made.clock.advance(2 * VISIBILITY_MS + 3_600_000);
  return made;
}

describe("reconcileHandler()", () => {
  it("moves on what was left behind, and returns and tells what it found", async () => {
    const { relay, context, settled, event } = await place();
    const reports: ReconcileReport[] = [];
    const handler = reconcileHandler(relay, { onReport: (report) => reports.push(report) });
    expect(await settled(handler({ source: "aws.events" }, context()))).toMatchObject({ tasks: 1, resent: 1 });
    expect(reports).toMatchObject([{ resent: 1 }]);
    expect((await event("qa")).Records).toHaveLength(1);
  });

  it("walks the whole store where it is told to", async () => {
    const { relay, context, settled } = await place();
    const handler = reconcileHandler(relay, { full: true, olderThanMs: 0 });
    expect(await settled(handler(undefined, context()))).toMatchObject({ tasks: 1 });
  });

  it("stops in time, and says what to do where that was too short", async () => {
    const { relay, context, settled, clock, slow } = await place();
    slow(60_000);
    const begin = clock.now();
    await expect(settled(reconcileHandler(relay)({}, context(30_000)))).rejects.toMatchObject({
      code: "ABORTED",
      message: expect.stringContaining("did not get through this relay's tasks within 25000 ms"),
    });
    expect(clock.now() - begin).toBe(25_000);
  });

  it("tells CloudWatch how many tasks rest until somebody decides", async () => {
    const { relay, context, settled, clock, invoke, event } = memoryFunction([
      defineAgent({
        name: "qa",
        run: ({ context, wait, fail }) => (context.input === "ask" ? wait({ question: "?" }) : fail({ reason: "no" })),
      }),
    ]);
    const router = lambdaRouter(relay);
    const work = async (...inputs: readonly string[]) => {
      for (const input of inputs) {
        await relay.start({ to: "qa", input });
        await invoke(router, await event("qa"));
      }
    };
    await work("ask", "fail", "fail");
    await clock.advance(3_600_000);
    await work("ask");
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      await settled(reconcileHandler(relay, { metrics: true, waitingLongMs: 3_600_000 })({}, context()));
      expect(write.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
        {
          _aws: {
            Timestamp: expect.any(Number),
            CloudWatchMetrics: [
              {
                Namespace: "AgentHandoff",
                Dimensions: [["service"]],
                Metrics: ["FailedTasks", "TasksWaitingLong", "DamagedTasks"].map((Name) => ({ Name, Unit: "Count" })),
              },
            ],
          },
          service: relay.id,
          FailedTasks: 2,
          TasksWaitingLong: 1,
          DamagedTasks: 0,
        },
      ]);
    } finally {
      write.mockRestore();
    }
  });

  it("leaves no timer behind", async () => {
    const { relay, context, settled, clock } = await place();
    await settled(reconcileHandler(relay)({}, context()));
    expect(clock.pending).toBe(0);
  });

  it.each([
    ["an answer that is none", { full: "yes" }, "full must be true or false"],
    ["a time that is none", { olderThanMs: -1 }, "olderThanMs must not be negative"],
    ["a wait that is none", { waitingLongMs: 0.5 }, "waitingLongMs must be a whole number of milliseconds"],
    ["an option that it does not know", { older: 1 }, "older"],
  ])("refuses %s", async (_what, options, message) => {
    const { relay } = await place();
    expect(() => reconcileHandler(relay, options as never)).toThrow(message);
  });
});
