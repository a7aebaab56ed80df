import type { AuditLog } from "./audit-log.js";
import type { Clock } from "./clock.js";
import type { ContextStore } from "./context-store.js";
import type { Transport } from "./transport.js";

/** Everything a relay needs from outside: a store, queues and an audit log that belong together. */
export interface Backend {
  /** What it is, for people: `local`, `aws`, `memory`. */
  readonly name: string;
  /** Put before every key, for stores that are shared with others. Empty, or ends with `/`. Default: empty. */
  readonly prefix?: string;
  readonly store: ContextStore;
  readonly transport: Transport;
  readonly audit: AuditLog;
  /** How long a received message stays invisible unless it is extended, in milliseconds. */
  readonly visibilityMs: number;
  /** The time of a backend that tests own; a relay on it goes by it too. Left out where time is the machine's. */
  readonly clock?: Clock;

  /**
   * Resolves when this process can work with it for the given agents of a relay; rejects with a `BackendUnusableError`
   * that says what to mend (a queue of the wrong kind, a store without conditional writes), or with any backend error
   * where it cannot tell now. Left out where opening has checked everything. A worker calls it before it receives.
   */
  check?(relayId: string, agents: readonly string[]): Promise<void>;

  /**
   * Resolves once everything that was read or written through this backend before the call survives a power cut.
   * Left out where each write is durable when it resolves. Core calls it before it reports anything to its caller;
   * a `send`, and an `append` whose row is not `running`, have this effect by themselves.
   */
  flush?(): Promise<void>;

  /**
   * Frees what the backend holds. Calls made later reject, and a `receive` that waits ends. What was written stays,
   * other handles on the same data go on, and closing again changes nothing.
   */
  close(): Promise<void>;
}
