import type { Context, Entry } from "@agenthandoff/core";
import type { HandoffChoice } from "./run.js";
import type { SavedThread } from "./run-saver.js";

/** The state entry that a run leaves when it waits for a person. */
export const CHECKPOINT_NAME = "langgraph.checkpoint";

/** Where a run stopped to ask, and what it needs to go on. */
export interface RunCheckpoint {
  readonly thread: SavedThread;
  readonly questions: readonly Question[];
  /** The last hop that the model was shown as the past: later ones are the run's own. */
  readonly throughHop: number;
  readonly choice: HandoffChoice | undefined;
  readonly askedAgain: boolean;
}

export interface Question {
  readonly interruptId: string;
  readonly value: unknown;
}

export function isCheckpoint({ kind, name }: Entry): boolean {
  return kind === "state" && name === CHECKPOINT_NAME;
}

export interface Resumption {
  readonly checkpoint: RunCheckpoint;
  readonly answer: unknown;
  /** What the run had already recorded before it stopped. */
  readonly recorded: readonly unknown[];
}

/**
 * Finds where a run of this agent goes on: the task's last hop is a person's answer to what the agent asked, or
 * a retry of a run that followed such an answer.
 */
export function resumptionOf(context: Context, agentName: string): Resumption | undefined {
  const decisions = context.handoffs.map(({ decision }) => decision.kind);
  let { hop } = context;
  // A retry follows a failure, which followed the hop that is executed again.
  while (decisions[hop - 1] === "fail") hop -= 2;
  if (decisions[hop - 1] !== "wait") return undefined;
  const { entries } = context;
  const answer = entries.find((entry) => entry.hop === hop && entry.kind === "answer");
  const asked = entries.find((entry) => entry.hop === hop - 1 && entry.agent === agentName && isCheckpoint(entry));
  if (answer === undefined || asked === undefined) return undefined;
  const checkpoint = asked.value as RunCheckpoint;
  const recorded = entries
    .filter((entry) => entry.hop > checkpoint.throughHop && entry.agent === agentName && entry.kind === "message")
    .map(({ value }) => value);
  return { checkpoint, answer: answer.value, recorded };
}
