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

it("asks anew with what Code says it did about the refusal", async () => {
  const { task, work } = await gatedTask({ codeSays: "I change nothing: there is no such column" });
  expect(await task.result()).toMatchObject({ question: { changes: [] } });
  for (const by of ["bo", "cy"]) {
    await task.resume({ head: (await task.head()).head, answer: { approved: false, reason: "let x be any" }, by });
    await work();
    expect(await task.result()).toMatchObject({
      question: { changes: ["I change nothing: there is no such column"] },
    });
  }
});
