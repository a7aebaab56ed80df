import { type Agent, defineAgent } from "../agent/agent.js";
import type { Turn } from "../agent/turn.js";

export interface ScriptedAgent extends Agent {
  /** The turns that it was given, one for each run. */
  readonly turns: readonly Turn[];
}

/** An agent that remembers its runs. Its script may hand to anybody, since tests try what must not be. */
export function scriptedAgent(
  name: string,
  script: (turn: Turn, run: number) => unknown,
  options: { readonly handsTo?: readonly string[]; readonly version?: string; readonly deadlineMs?: number } = {},
): ScriptedAgent {
  const turns: Turn[] = [];
  const agent = defineAgent<string, string>({
    name,
    ...options,
    run(turn) {
      turns.push(turn);
      return script(turn, turns.length);
    },
  });
  return { ...agent, turns };
}

/** Hands to `to` with an output that names the agent. */
export function passesTo(name: string, to: string): ScriptedAgent {
  return scriptedAgent(name, (turn) => turn.handoff(to, { output: `what ${name} learned` }), { handsTo: [to] });
}

/** Completes the task with an output that names the agent. */
export function finishes(name: string): ScriptedAgent {
  return scriptedAgent(name, () => `what ${name} made`);
}
