import type { AuditEvent } from "@agenthandoff/core";
import type { Observe } from "./effect.js";

/** Watches one process: what it does must fit what it has heard, whatever has happened elsewhere. */
export interface Conduct {
  /** It heard that it holds a delivery. */
  holds(delivery: string): void;
  /** It is about to tell the audit of something. */
  tells(event: AuditEvent): void;
  /** It heard that the audit knows. */
  told(event: AuditEvent): void;
  /** It is about to release a delivery; what this returns is to be called when it heard that this was done. */
  releases(delivery: string, agent: string): () => void;
  /** It asks a queue for messages. */
  receives(agent: string): void;
}

/** For how long a queue is left alone that held what its reader does not understand, at least. */
const QUIET_MS = 9_000;

export function createConduct({
  now,
  visibilityMs,
  observe,
}: {
  readonly now: () => number;
  readonly visibilityMs: number;
  readonly observe: Observe;
}): Conduct {
  const heldAt = new Map<string, number>();
  const foreign = new Set<string>();
  const quietUntil = new Map<string, number>();
  const violate = (invariant: string, what: string) => void observe({ kind: "misconduct", invariant, what });
  return {
    holds: (delivery) => void heldAt.set(delivery, now()),
    tells({ kind, taskId, hop, detail }) {
      if (kind !== "attempt_started") return;
      // A lease is extended at a third of its time.
      const silentMs = now() - (heldAt.get(String(detail.attempt)) ?? Number.NEGATIVE_INFINITY);
      if (silentMs > visibilityMs / 3 + 1_000)
        violate("leases", `hop ${hop} of ${taskId} was begun long after its worker heard that it holds the message`);
    },
    told({ kind, detail }) {
      if (kind === "not_understood") foreign.add(String(detail.delivery));
    },
    releases(delivery, agent) {
      // Only the release that follows at once: where that fails, another one is for another reason.
      if (!foreign.delete(delivery)) return () => {};
      return () => void quietUntil.set(agent, now() + QUIET_MS);
    },
    receives(agent) {
      if (now() < (quietUntil.get(agent) ?? 0))
        violate("versions", `a worker that did not understand a message asked the queue of ${agent} again at once`);
    },
  };
}
