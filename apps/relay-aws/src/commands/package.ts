import { join } from "node:path";
import { InvalidTransitionError, type Task } from "@agenthandoff/core";
import { writePackage } from "@agenthandoff/typed-package";
import type { Say } from "./say.js";

/**
 * Writes what a completed task left into a folder of its name: the tarball, the report, and the package's source.
 * @param out where that folder goes
 * @throws InvalidTransitionError where the task has not completed
 * @throws TaskNotFoundError, TaskErasedError
 */
export async function takePackage(task: Task, out: string, say: Say): Promise<void> {
  const { state } = await task.head();
  if (state !== "completed")
    throw new InvalidTransitionError(
      `task ${task.id} is ${state}; there is a package when it is completed, and \`status ${task.id}\` says what it lacks`,
    );
  const { path, delivery } = await writePackage(join(out, task.id), await task.context());
  say(`package: ${path}`);
  say(`sha256:  ${delivery.sha256}`);
}
