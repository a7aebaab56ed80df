import { join } from "node:path";
import type { Context, Relay, TaskResult, Verification } from "@agenthandoff/core";
import { DELIVERY, delivery, type GatedAgentName } from "@agenthandoff/typed-package";
import { requestFor } from "../commands/start.js";

export const REFUSAL = "more kinds of status will come: let status take any text";

/** How the persons answer, wherever they are. */
export interface Persons {
  /** Bo says no to the first question, with the reason above. */
  refuse(taskId: string, head: string): Promise<void>;
  /** Ann says yes to the second; `before` is the head of the first. */
  allow(taskId: string, head: string, before: string): Promise<void>;
}

type Question = Extract<TaskResult, { readonly status: "waiting" }>;

/** What came of the task: the same in every way of working. */
export interface Run {
  readonly taskId: string;
  readonly questions: readonly [Question, Question];
  readonly context: Context;
  readonly verification: Verification;
  /** Of the tarball, as Deploy recorded it, and as its bytes are stored. */
  readonly sha256: readonly [string, string | undefined];
}

/** One task from a small file to its package, refused once and then allowed, while somebody else works. */
export async function runScenario(relay: Relay<GatedAgentName>, persons: Persons): Promise<Run> {
  const file = join(import.meta.dirname, "../../data/orders.csv");
  const task = await relay.start(await requestFor({ file, sampleRows: 200 }));
  const question = async (): Promise<Question> => {
    const result = await task.result();
    if (result.status !== "waiting") throw new Error(`${result.status}: ${JSON.stringify(result)}`);
    return result;
  };
  const first = await question();
  await persons.refuse(task.id, first.head);
  const second = await question();
  await persons.allow(task.id, second.head, first.head);
  const result = await task.result();
  if (result.status !== "completed") throw new Error(`${result.status}: ${JSON.stringify(result)}`);
  const context = await task.context();
  const { sha256, tarball } = delivery.parse(context.latest("deploy", DELIVERY));
  return {
    taskId: task.id,
    questions: [first, second],
    context,
    verification: await task.verify(),
    sha256: [sha256, context.artifact(tarball)?.sha256],
  };
}
