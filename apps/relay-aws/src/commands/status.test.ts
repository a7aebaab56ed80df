import { expect, it } from "vitest";
import { gatedTask } from "../testing/gated-task.js";
import { approve } from "./approve.js";
import { status } from "./status.js";

async function statusOf(task: Parameters<typeof status>[0]): Promise<string> {
  const lines: string[] = [];
  await status(task, (line = "") => void lines.push(line));
  return lines.join("\n");
}

it("of a task that waits shows its question, and how to answer with the whole head", async () => {
  const { task } = await gatedTask();
  const { head } = await task.head();
  const text = await statusOf(task);
  expect(text).toContain("task task: waiting at hop 2 (release)");
  expect(text).toContain('"ask": "May this be packed?"');
  expect(text).toContain(`approve task --by NAME --head ${head}`);
});

it("shows what was answered, by whom and why, before anybody has worked on it", async () => {
  const { task } = await gatedTask();
  await approve(task, { by: "bo", reject: "too strict" });
  expect(await statusOf(task)).toMatch(/bo hands to release .*\n +“refused: too strict”/);
});

it("shows what the agents decided from the answer, and why", async () => {
  const { task, work } = await gatedTask({ codeSays: "I change nothing" });
  await approve(task, { by: "bo", reject: "too strict" });
  await work();
  await approve(task, { by: "ann" });
  await work();
  const text = await statusOf(task);
  expect(text).toMatch(/release hands to code .*\n +“bo refuses: too strict”/);
  expect(text).toMatch(/code hands to qa .*\n +“I change nothing”/);
  expect(text).toMatch(/ann hands to release .*\n +“approved”/);
});

it("of a completed task names the command that gives what came of it", async () => {
  const { task, work } = await gatedTask();
  await approve(task, { by: "ann" });
  expect(await statusOf(task)).not.toContain("package task");
  await work();
  expect(await statusOf(task)).toContain("get the result with: package task");
});
