import {
  type Backend,
  type Clock,
  createRelay,
  defineAgent,
  message,
  type Random,
  type Relay,
  type RelayObserver,
  type Turn,
} from "@agenthandoff/core";
import type { Script } from "./script.js";

export const RELAY_ID = "bench";
/** Each chain has a backend of its own, and the same id, so that all records are equally long. */
export const TASK_ID = "chain";

/** The agents' names are equally long, so that their records are too. */
export type AgentName = "writer" | "editor";

export const FIRST_AGENT: AgentName = "writer";

export const AGENTS: readonly AgentName[] = ["writer", "editor"];

export interface ScriptedRelayOptions {
  readonly script: Script;
  readonly backend: Backend;
  readonly observer?: RelayObserver;
  readonly clock?: Clock;
  readonly random?: Random;
  /** 0 for a worker that forgets each chain at once. Default: the runtime's. */
  readonly cacheBytes?: number;
  /** Called in each run, before the agent answers. */
  readonly onRun?: (turn: Turn) => void;
}

/** Two agents that hand a task back and forth, each adding what the script says, until it ends. */
export function createScriptedRelay({ script, onRun, ...options }: ScriptedRelayOptions): Relay<AgentName> {
  const last = script.hops - 1;
  const run = (to: AgentName) => (turn: Turn<AgentName>) => {
    onRun?.(turn);
    const hop = turn.context.hop + 1;
    const messages = script.messagesOf(hop);
    // The last one is what the next agent works from.
    const options = { entries: messages.slice(0, -1).map((each) => message(each)), output: messages.at(-1) };
    return hop === last ? turn.complete(options) : turn.handoff(to, options);
  };
  return createRelay({
    ...options,
    id: RELAY_ID,
    maxHops: script.hops,
    agents: [
      defineAgent({ name: "writer", handsTo: ["editor"], run: run("editor") }),
      defineAgent({ name: "editor", handsTo: ["writer"], run: run("writer") }),
    ],
  });
}
