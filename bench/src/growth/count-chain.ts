import { type Backend, systemClock } from "@agenthandoff/core";
import { memory, seededRandom } from "@agenthandoff/core/memory";
import { playScript } from "../script/play-script.js";
import type { Script } from "../script/script.js";
import { countingStore } from "./counting-store.js";

/** What a chain writes beside its slots, in all. */
export interface Besides {
  readonly auditEvents: number;
  readonly auditBytes: number;
  readonly messages: number;
  readonly messageBytes: number;
}

/** What a chain asked of the store. */
export interface ChainCount {
  /** One for each hop after the first: what reading everything before it took, the probe of its own slot included. */
  readonly hydrations: readonly { readonly gets: number; readonly rounds: number }[];
  /** One for each hop, hop 0 first. */
  readonly commits: readonly { readonly puts: number; readonly bytesWritten: number }[];
  /** Requests of any other kind. */
  readonly others: number;
  /** What went elsewhere than to the store. */
  readonly besides: Besides;
  /** Holds what was written. */
  readonly backend: Backend;
}

/**
 * Plays a script in memory and counts, hop by hop, what the runtime asks of the store. With `cold` its worker knows
 * nothing at each hop.
 */
export async function countChain(script: Script, options: { readonly cold: boolean }): Promise<ChainCount> {
  const backend = memory();
  const store = countingStore(backend.store);
  const { counted, besides } = countBesides(backend);
  const hydrations: { gets: number; rounds: number }[] = [];
  const commits: { puts: number; bytesWritten: number }[] = [];
  let others = 0;
  const takeCount = () => {
    const count = store.takeCount();
    others += count.others;
    return count;
  };
  await playScript({
    script,
    backend: { ...counted, store },
    // Records hold times and random ids: fixed ones, so that each run writes the same bytes.
    clock: { now: () => 0, sleep: (ms, signal) => systemClock.sleep(ms, signal) },
    random: seededRandom(1),
    ...(options.cold && { cacheBytes: 0 }),
    onRun: () => {
      const { puts, gets, rounds } = takeCount();
      if (puts > 0) throw new Error("something was written before the agent ran");
      hydrations.push({ gets, rounds });
    },
    observer: ({ kind }) => {
      if (kind !== "committed") return;
      const { gets, puts, bytesWritten } = takeCount();
      if (gets > 0) throw new Error("something was read between an agent's run and its commit");
      commits.push({ puts, bytesWritten });
    },
  });
  const rest = takeCount();
  if (rest.gets + rest.puts > 0) throw new Error("something was asked of the store after the last commit");
  return { hydrations, commits, others, besides: besides(), backend };
}

/** Counts what passes to a backend's audit log and queues. */
function countBesides(backend: Backend): { readonly counted: Backend; readonly besides: () => Besides } {
  const { audit, transport } = backend;
  let [auditEvents, auditBytes, messages, messageBytes] = [0, 0, 0, 0];
  const counted: Backend = {
    ...backend,
    audit: {
      ...audit,
      async append(event, change) {
        auditEvents++;
        auditBytes += Buffer.byteLength(JSON.stringify(event));
        return await audit.append(event, change);
      },
    },
    transport: {
      ...transport,
      async send(queue, message, options) {
        messages++;
        messageBytes += Buffer.byteLength(message.body);
        await transport.send(queue, message, options);
      },
    },
  };
  return { counted, besides: () => ({ auditEvents, auditBytes, messages, messageBytes }) };
}
