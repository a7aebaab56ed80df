import { InvalidOptionsError, InvalidTransitionError, type Task } from "@agenthandoff/core";
import type { Answer } from "../agents/release.js";

export interface ApproveRequest {
  readonly by: string;
  /** Why not: Code gets the task back with it. */
  readonly reject?: string | undefined;
  /** The head that the person saw. Without it the question that stands now is answered, whatever it is. */
  readonly head?: string | undefined;
}

const HEAD = /^[0-9a-f]{64}$/;

/**
 * Answers the question that a task waits with. The same answer to the same question again changes nothing.
 * @throws InvalidOptionsError for a head that cannot be one: part of one, say
 * @throws HeadMovedError where the question that was seen is not the one that stands
 * @throws InvalidTransitionError where the task asks nothing
 */
export async function approve(task: Task, { by, reject, head }: ApproveRequest): Promise<void> {
  if (head !== undefined && !HEAD.test(head))
    throw new InvalidOptionsError(
      `a head is 64 hexadecimal digits, and "${head}" is not; \`status ${task.id}\` shows it whole, after "head:"`,
    );
  const answer: Answer = reject === undefined ? { approved: true } : { approved: false, reason: reject };
  // The audit trail tells reasons, not answers.
  const reason = reject === undefined ? "approved" : `refused: ${reject}`;
  await task.resume({ head: head ?? (await questionOf(task)), answer, by, reason });
}

async function questionOf(task: Task): Promise<string> {
  const { head, state } = await task.head();
  if (state !== "waiting") throw new InvalidTransitionError(`task ${task.id} is ${state}; it asks nothing to answer`);
  return head;
}
