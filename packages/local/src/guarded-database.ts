import { type BackendErrorOptions, HandoffError } from "@agenthandoff/core";
import type { Database } from "./database.js";
import type { SqliteConnection } from "./sqlite.js";

/** What a call wants, for its error's message, and what ends its wait for a lock. */
export interface Call {
  readonly operation: string;
  /** What it is about: a key, a queue, a task. */
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
}

type Work<Result> = (sql: SqliteConnection) => Result;

/** The database as one part of the backend sees it: whatever fails is an error of that part, or the signal's reason. */
export interface GuardedDatabase {
  read<Result>(call: Call, work: Work<Result>): Promise<Result>;
  write<Result>(call: Call, work: Work<Result>): Promise<Result>;
  writeDurably<Result>(call: Call, work: Work<Result>): Promise<Result>;
  scrub(call: Call): Promise<void>;
}

type PartError = new (operation: string, options: BackendErrorOptions) => HandoffError;

export function guardedDatabase(database: Database, Part: PartError): GuardedDatabase {
  async function guarded<Result>({ operation, subject, signal }: Call, work: () => Promise<Result>): Promise<Result> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      const retryable = HandoffError.isInstance(cause) ? cause.retryable : true;
      throw new Part(operation, { subject, cause, retryable });
    }
  }
  return {
    read: (call, work) => guarded(call, () => database.read(work, call.signal)),
    write: (call, work) => guarded(call, () => database.write(work, call.signal)),
    writeDurably: (call, work) => guarded(call, () => database.writeDurably(work, call.signal)),
    scrub: (call) => guarded(call, () => database.scrub()),
  };
}
