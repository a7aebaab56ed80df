import { type Context, defineAgent, state } from "@agenthandoff/core";
import type { Gate } from "@agenthandoff/typed-package";
import { packageIn, VERDICT, verdict } from "@agenthandoff/typed-package/record";
import { z } from "zod";

/** What a person says to a release. */
export interface Answer {
  readonly approved: boolean;
  /** Why not: Code works from it. */
  readonly reason?: string | undefined;
}

/** What a person is asked. */
export interface Question {
  readonly ask: string;
  readonly package: string;
  /** Of the code, counted from 1. */
  readonly version: number;
  /** What QA found. */
  readonly verdict: string;
  /** Each as `name: kind`. */
  readonly columns: readonly string[];
  /** What Code said of each version since the last question: after a refusal, also that it changed nothing, and why. */
  readonly changes: readonly string[];
}

const answerSchema: z.ZodType<Answer> = z
  .object({ approved: z.boolean(), reason: z.string().min(1).optional() })
  .refine(({ approved, reason }) => approved || reason !== undefined, "a rejection needs a reason");

function changesIn({ handoffs }: Context): string[] {
  const asked = handoffs.findLastIndex(({ decision }) => decision.kind === "wait");
  return handoffs
    .slice(asked + 1)
    .flatMap(({ fromAgent, decision }) =>
      fromAgent === "code" && decision.kind === "handoff" && decision.reason !== undefined ? [decision.reason] : [],
    );
}

function questionOf(context: Context, ask: string): Question {
  const current = packageIn(context);
  if (!current) throw new Error("there is no package to release");
  return {
    ask,
    package: current.spec.name,
    version: current.version,
    verdict: verdict.parse(context.latest("qa", VERDICT)).summary,
    columns: current.spec.columns.map(({ name, value }) => `${name}: ${value.kind}`),
    changes: changesIn(context),
  };
}

/** Nothing is packed without a person's leave. The task rests meanwhile, for minutes or for weeks, and nobody works. */
export const release: Gate = defineAgent({
  name: "release",
  description: "Asks a person before anything is packed",
  handsTo: ["code", "deploy"],
  run({ context, handoff, wait }) {
    const by = context.handoffs.at(-1)?.by ?? "somebody";
    if (context.answer === undefined)
      return wait({ reason: "a person must allow the release", question: questionOf(context, "May this be packed?") });
    const answer = answerSchema.safeParse(context.answer);
    if (!answer.success) {
      const ask = `The last answer was not understood (${z.prettifyError(answer.error)}). May this be packed?`;
      return wait({ reason: "the answer was not understood", question: questionOf(context, ask) });
    }
    const { approved, reason } = answer.data;
    if (approved) return handoff("deploy", { reason: `${by} allows it` });
    return handoff("code", { reason: `${by} refuses: ${reason}`, entries: [state("release", { reason })] });
  },
});
