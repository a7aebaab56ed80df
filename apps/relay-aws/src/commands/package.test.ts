import { InvalidTransitionError } from "@agenthandoff/core";
import { expect, it } from "vitest";
import { gatedTask } from "../testing/gated-task.js";
import { takePackage } from "./package.js";

// That it writes what Deploy left is tested with the whole relay: ways.test.ts.

it("of a task that has not completed is refused, with what the task is", async () => {
  const { task } = await gatedTask();
  const taken = takePackage(task, "/nowhere", () => {});
  await expect(taken).rejects.toThrow(InvalidTransitionError);
  await expect(taken).rejects.toThrow("task task is waiting; there is a package when it is completed");
});
