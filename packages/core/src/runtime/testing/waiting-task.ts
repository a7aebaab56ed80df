import type { Task } from "../task/task.js";
import { type Bed, type BedOptions, createBed } from "./bed.js";
import { finishes, type ScriptedAgent, scriptedAgent } from "./scripted-agent.js";

export interface WaitingTask {
  readonly bed: Bed;
  readonly task: Task;
  readonly qa: ScriptedAgent;
  /** The head's hash when it began to wait. */
  readonly head: string;
}

/** A task of `qa`, which waits at its first run, fails at its second, and is done at its third. */
export async function waitingTask(options: Partial<BedOptions> = {}): Promise<WaitingTask> {
  const qa = scriptedAgent(
    "qa",
    (turn, run) => {
      if (run === 1) return turn.wait({ question: "deploy?", reason: "a person decides" });
      return run === 2 ? turn.fail({ reason: "the registry is down" }) : `answered ${String(turn.context.answer)}`;
    },
    { handsTo: ["other"] },
  );
  const bed = createBed({ agents: [qa, finishes("other")], ...options });
  const task = await bed.relay.start({ to: "qa", taskId: "t", input: "x" });
  await bed.deliver("qa");
  bed.trace.splice(0);
  const { head } = await task.head();
  return { qa, bed, task, head };
}
