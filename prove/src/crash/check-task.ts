import type { Task } from "@agenthandoff/core";
import { type Assignment, whatWasLost } from "./scenario.js";

/** To read a result, also when the time is over: some other task took it. */
const LEAST_WAIT_MS = 5_000;

/** What is wrong with a task that must have completed: its end, its context, a stored byte, or what the audit tells. */
export async function whatIsWrong(task: Task, assignment: Assignment, deadline: number): Promise<string[]> {
  const taskId = task.id;
  const signal = AbortSignal.timeout(Math.max(deadline - Date.now(), LEAST_WAIT_MS));
  const result = await task.result({ signal }).catch((error: unknown) => {
    if (signal.aborted) return { status: "unfinished", reason: "nobody moves it on" } as const;
    throw error;
  });
  if (result.status !== "completed")
    return [`${taskId} is ${result.status}: ${"reason" in result ? result.reason : ""}`];
  const problems: string[] = [];
  const lost = await whatWasLost(await task.context(), assignment);
  if (lost !== undefined) problems.push(`${taskId}: ${lost}`);
  for (const { hop, what } of (await task.verify()).problems) problems.push(`${taskId} hop ${hop}: ${what}`);
  problems.push(...(await whatTheAuditGotWrong(task)).map((what) => `${taskId}: ${what}`));
  return problems;
}

/** The audit tells of each hop of the chain once, and of nothing else; that it tells the same, `verify` has checked. */
async function whatTheAuditGotWrong(task: Task): Promise<string[]> {
  const { handoffs } = await task.context();
  const told = (await task.audit()).filter(({ kind }) => kind === "committed").map(({ hop }) => hop);
  const expected = handoffs.map(({ hop }) => hop);
  return String(told) === String(expected) ? [] : [`the audit tells of the hops ${told}, the chain has ${expected}`];
}
