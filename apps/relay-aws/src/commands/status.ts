import type { Task } from "@agenthandoff/core";
import { auditLines } from "@agenthandoff/typed-package/audit-text";
import type { Say } from "./say.js";

/** Where a task is, what it asks, and all that its audit tells, reasons included. @throws TaskNotFoundError */
export async function status(task: Task, say: Say): Promise<void> {
  const { state, hop, agent, head } = await task.head();
  say(`task ${task.id}: ${state} at hop ${hop}${agent === null ? "" : ` (${agent})`}`);
  const result = state === "running" ? undefined : await task.result();
  if (result?.status === "waiting") {
    say(`asks: ${JSON.stringify(result.question, null, 2)}`);
    say(`head: ${head}`);
    say(`answer with: approve ${task.id} --by NAME --head ${head}`);
    say(`         or: the same and --reject REASON`);
  } else if (result?.status === "completed") say(`get the result with: package ${task.id}`);
  else if (result !== undefined && "reason" in result && result.reason !== undefined) say(`reason: ${result.reason}`);
  say();
  for (const line of auditLines(await task.audit(), { reasons: true })) say(line);
}
