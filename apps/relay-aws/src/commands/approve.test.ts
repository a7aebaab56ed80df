import { HeadMovedError, InvalidOptionsError, InvalidTransitionError } from "@agenthandoff/core";
import { expect, it } from "vitest";
import { gatedTask } from "../testing/gated-task.js";
import { approve } from "./approve.js";

it("lets the package out, and says whose leave it was", async () => {
  const { task, work } = await gatedTask();
  await approve(task, { by: "ann" });
  await work();
  expect(await task.result()).toMatchObject({ status: "completed", output: "packed" });
  expect((await task.context()).handoffs.at(-2)?.decision).toMatchObject({ to: "deploy", reason: "ann allows it" });
});

it("gives a rejection to Code with its reason, and the question comes anew", async () => {
  const { task, work } = await gatedTask();
  const { head: first } = await task.head();
  await approve(task, { by: "bo", reject: "too strict" });
  await work();
  const { handoffs } = await task.context();
  expect(handoffs.at(-4)?.decision).toEqual({ kind: "handoff", to: "code", reason: "bo refuses: too strict" });
  expect(await task.head()).toMatchObject({ state: "waiting" });
  await expect(approve(task, { by: "ann", head: first })).rejects.toThrow(HeadMovedError);
});

it("changes nothing when it comes twice, and is refused when it says otherwise", async () => {
  const { task, work } = await gatedTask();
  const { head } = await task.head();
  await approve(task, { by: "ann", head });
  await approve(task, { by: "ann", head });
  await expect(approve(task, { by: "bo", head })).rejects.toThrow(HeadMovedError);
  await expect(approve(task, { by: "ann", head, reject: "no" })).rejects.toThrow(HeadMovedError);
  await work();
  await approve(task, { by: "ann", head });
  expect((await task.context()).entries.filter(({ kind }) => kind === "answer")).toHaveLength(1);
});

it.each([
  ["the part of a head that the trail prints", (head: string) => head.slice(0, 12)],
  ["a head in quotes", (head: string) => `"${head}"`],
  ["nothing", () => ""],
])("refuses %s, saying what a head is and where it stands", async (_what, given) => {
  const { task } = await gatedTask();
  const { head } = await task.head();
  const wrong = approve(task, { by: "ann", head: given(head) });
  await expect(wrong).rejects.toThrow(InvalidOptionsError);
  await expect(wrong).rejects.toThrow(/a head is 64 hexadecimal digits.*`status task` shows it whole/);
  expect(await task.head()).toMatchObject({ state: "waiting", head });
});

it("of a task that asks nothing is refused, saying what the task is", async () => {
  const { task, work } = await gatedTask();
  await approve(task, { by: "ann" });
  await work();
  await expect(approve(task, { by: "ann" })).rejects.toThrow(InvalidTransitionError);
  await expect(approve(task, { by: "ann" })).rejects.toThrow("task task is completed; it asks nothing to answer");
});
