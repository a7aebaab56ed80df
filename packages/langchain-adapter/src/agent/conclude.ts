import type { NewEntry, TurnResult, Usage } from "@agenthandoff/core";
import type { AgentDefinition } from "./definition.js";
import type { Run } from "./run.js";

/** What a run produced. */
export interface RunResult {
  /** What `decide` looks at. */
  readonly value: unknown;
  /** The answer, as an output of the hop. */
  readonly output: unknown;
  /** What goes along with a hand-off that carries no output of its own. */
  readonly handoffOutput: unknown;
  readonly entries: readonly NewEntry[];
  readonly usage: Usage;
}

/** Ends the run: by the hand-off that it chose, else as `decide` says, else as `whenSilent` says. */
export async function conclude(definition: AgentDefinition, run: Run, result: RunResult): Promise<TurnResult> {
  const { entries, usage } = result;
  if (run.choice === undefined && definition.decide !== undefined) {
    const decided = await definition.decide(result.value, run.turn.context);
    if (decided === "complete") return run.turn.complete({ entries, output: result.output, usage });
    const { handoff, reason, output = result.output } = decided;
    run.memory.handoff(handoff, { output, ...(reason === undefined ? {} : { reason }) });
  }
  if (run.choice !== undefined) {
    const { to, options } = run.choice;
    return run.turn.handoff(to, {
      usage,
      ...options,
      output: options.output ?? result.handoffOutput,
      entries: [...entries, ...(options.entries ?? [])],
    });
  }
  return silent(definition, run, result);
}

function silent({ name, whenSilent }: AgentDefinition, run: Run, { entries, output, usage }: RunResult): TurnResult {
  if (typeof whenSilent === "object") return run.turn.handoff(whenSilent.handoff, { entries, output, usage });
  if (whenSilent === "fail") {
    const reason = `agent "${name}" answered without handing the task on`;
    return run.turn.fail({ reason, entries, output, usage });
  }
  return run.turn.complete({ entries, output, usage });
}
