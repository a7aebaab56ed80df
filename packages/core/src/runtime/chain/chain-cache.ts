import { isFinal } from "../../protocol/index.js";
import { headOf, type TaskChain } from "./task-chain.js";

/** Open chains that this process has verified. Slots never change, so what was true of them stays true. */
export interface ChainCache {
  get(taskId: string): TaskChain | undefined;
  /** Keeps the chain, unless a longer one is known already. */
  put(chain: TaskChain): void;
  delete(taskId: string): void;
}

/**
 * Keeps the chains that were used last, within a number of bytes, and of chains: behind a backlog of thousands the next
 * hop of a task comes late, and small chains are quickly read again.
 */
export function createChainCache(maxBytes: number, maxChains: number = MAX_CHAINS): ChainCache {
  // A Map iterates in the order of insertion: the first is the one that was unused for longest.
  const chains = new Map<string, { chain: TaskChain; bytes: number }>();
  let total = 0;
  const remove = (taskId: string) => {
    total -= chains.get(taskId)?.bytes ?? 0;
    chains.delete(taskId);
  };
  return {
    get(taskId) {
      const found = chains.get(taskId);
      if (found === undefined) return undefined;
      chains.delete(taskId);
      chains.set(taskId, found);
      return found.chain;
    },
    put(chain) {
      const known = chains.get(chain.taskId);
      if (known !== undefined && known.chain.handoffs.length > chain.handoffs.length) return;
      remove(chain.taskId);
      // Nothing is built on a chain that has ended, and only such a chain can be erased without filling a further slot.
      if (isFinal(headOf(chain).record.decision)) return;
      const bytes =
        chain.rawBytes +
        chain.cover.reduce((sum, span) => sum + span.bytes, 0) +
        OVERHEAD_BYTES * chain.handoffs.length;
      if (bytes > maxBytes) return;
      chains.set(chain.taskId, { chain, bytes });
      total += bytes;
      for (const taskId of chains.keys()) {
        if (total <= maxBytes && chains.size <= maxChains) break;
        remove(taskId);
      }
    },
    delete: remove,
  };
}

/** Far more than a worker runs at a time. */
const MAX_CHAINS = 200;

/** What the objects around one handoff cost, roughly. */
const OVERHEAD_BYTES = 2_000;
