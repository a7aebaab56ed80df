import { type Backend, type Clock, createRelay, defineAgent, type Random, type Relay } from "@agenthandoff/core";
import type { Assignment } from "../crash/scenario.js";

/** What is done to a task from outside while it is recorded. */
export type Story = "plain" | "fails" | "canceled" | "abandoned" | "erased" | "asks";

export interface RecordedTask {
  readonly relayId: "crash" | "ask";
  readonly taskId: string;
  readonly story: Story;
  readonly assignment: Assignment;
}

export const STORIES: readonly Story[] = ["plain", "fails", "asks", "canceled", "abandoned", "erased"];
const OUTPUTS = 4;

/** Stands in an artifact of each task that is erased, and must be nowhere on the disk once that is reported. */
export const SECRET = "the launch code is 0000 ";

export function recordedTasks(count: number): readonly RecordedTask[] {
  return Array.from({ length: count }, (_, index) => {
    const story = STORIES[index % STORIES.length] ?? "plain";
    const relayId = story === "asks" || story === "abandoned" ? "ask" : "crash";
    return { relayId, taskId: `${story}-${index}`, story, assignment: { seed: index + 1, outputs: OUTPUTS } };
  });
}

/** Tells a recorded process that its clock is to jump, and that it cannot count on the disk. */
export const TROUBLED_VARIABLE = "POWER_CUT_TROUBLED";

/** At this hop a task that `fails` does so, until somebody retries it. */
export const FAILING_HOP = 1;

export const isToFail = (taskId: string, hop: number): boolean => taskId.startsWith("fails-") && hop === FAILING_HOP;

/** A relay of one agent, which asks for what it is to say. */
export function askRelay(
  backend: Backend,
  onRun: (about: { readonly taskId: string; readonly hop: number; readonly commitId: string }) => void,
  world: { readonly clock?: Clock; readonly random?: Random } = {},
): Relay<"asker"> {
  return createRelay({
    id: "ask",
    backend,
    maxAttempts: 1000,
    backoffMs: 20,
    graceMs: 500,
    agents: [
      defineAgent({
        name: "asker",
        async run({ context, wait, complete }) {
          onRun({ taskId: context.taskId, hop: context.hop, commitId: context.handoffs.at(-1)?.commitId ?? "" });
          return context.answer === undefined ? wait({ question: "what?" }) : complete({ output: context.answer });
        },
      }),
    ],
    ...world,
  });
}
