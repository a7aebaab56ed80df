import { expect, it } from "vitest";
import { gatedTask } from "../testing/gated-task.js";

it("asks with all that a person must know to decide", async () => {
  const { task } = await gatedTask();
  expect(await task.result()).toMatchObject({
    status: "waiting",
    agent: "release",
    question: {
      ask: "May this be packed?",
      package: "typed-orders",
      version: 1,
      verdict: "all 2 rows match",
      columns: ["status: text"],
    },
  });
});

it.each([
  ["a text", "yes"],
  ["nothing", null],
  ["a rejection without a reason", { approved: false }],
])("asks anew, and lets nothing out, where the answer is %s", async (_what, answer) => {
  const { task, work } = await gatedTask();
  const { head } = await task.head();
  await task.resume({ head, answer, by: "ann" });
  await work();
  expect(await task.result()).toMatchObject({
    status: "waiting",
    question: { ask: expect.stringContaining("was not understood") },
  });
  expect((await task.head()).head).not.toBe(head);
});
