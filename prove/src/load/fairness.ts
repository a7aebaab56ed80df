import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRelay, defineAgent, type RelayEvent } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";

export interface FairnessReport {
  readonly longHops: number;
  readonly shortTasks: number;
  readonly shortHops: number;
  /** Until the last of them was done: alone, and beside the long chain. */
  readonly shortSeconds: { readonly alone: number; readonly beside: number };
  /** Hops of the long chain meanwhile. */
  readonly longHopsMeanwhile: number;
  /** The most commits of others between two of the long chain's. */
  readonly mostBetween: number;
  readonly longSeconds: number;
  readonly allEnded: boolean;
}

interface Errand {
  readonly hops: number;
}

/** One chain of very many hops beside many short ones, all for one agent and so in one queue, done by one worker. */
export async function measureFairness(longHops: number, shortTasks: number, shortHops = 3): Promise<FairnessReport> {
  const alone = await run(0, shortTasks, shortHops);
  const beside = await run(longHops, shortTasks, shortHops);
  return {
    longHops,
    shortTasks,
    shortHops,
    shortSeconds: { alone: alone.shortSeconds, beside: beside.shortSeconds },
    longHopsMeanwhile: beside.longHopsMeanwhile,
    mostBetween: beside.mostBetween,
    longSeconds: beside.longSeconds,
    allEnded: alone.allEnded && beside.allEnded,
  };
}

async function run(longHops: number, shortTasks: number, shortHops: number) {
  const directory = await mkdtemp(join(tmpdir(), "agenthandoff-fairness-"));
  const stop = new AbortController();
  const startedAt = { now: 0 };
  const since = () => (performance.now() - startedAt.now) / 1_000;
  let [shortDone, shortSeconds, longSeconds, longHopsMeanwhile, between, mostBetween] = [0, 0, 0, 0, 0, 0];
  const relay = createRelay({
    id: "load",
    backend: local({ directory }),
    agents: [
      defineAgent({
        name: "runner",
        handsTo: ["runner"],
        run({ context, handoff, complete }) {
          const ran = ((context.latest("runner") as number | undefined) ?? 0) + 1;
          return ran >= (context.input as Errand).hops ? complete({ output: ran }) : handoff("runner", { output: ran });
        },
      }),
    ],
    observer: (event) => {
      if (event.kind === "worker-error") console.error(event.error);
      if (event.kind === "committed" && startedAt.now > 0) count(event);
    },
  });

  function count({ taskId, decision }: Extract<RelayEvent, { kind: "committed" }>): void {
    const isDone = decision === "complete";
    if (taskId === "long") {
      if (shortDone < shortTasks) longHopsMeanwhile++;
      between = 0;
      if (isDone) longSeconds = since();
    } else {
      mostBetween = Math.max(mostBetween, longHops > 0 ? ++between : 0);
      if (isDone && ++shortDone === shortTasks) shortSeconds = since();
    }
    if (shortDone === shortTasks && (longHops === 0 || longSeconds > 0)) stop.abort();
  }

  try {
    const ids = Array.from({ length: shortTasks }, (_, index) => `short-${index}`);
    for (const taskId of ids) await relay.start({ to: "runner", taskId, input: { hops: shortHops } });
    if (longHops > 0) await relay.start({ to: "runner", taskId: "long", input: { hops: longHops } });
    startedAt.now = performance.now();
    await relay.worker({ signal: stop.signal });
    let allEnded = true;
    for (const taskId of longHops > 0 ? ["long", ...ids] : ids) {
      const result = await relay.task(taskId).result();
      const hops = taskId === "long" ? longHops : shortHops;
      if (result.status !== "completed" || result.output !== hops || result.hop !== hops) allEnded = false;
    }
    return { shortSeconds, longSeconds, longHopsMeanwhile, mostBetween, allEnded };
  } finally {
    await relay.close();
    await rm(directory, { recursive: true, force: true });
  }
}
