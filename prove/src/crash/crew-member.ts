import type { JournalLine } from "./journal.js";

/** Somebody who works for the relay, in processes that can be killed. */
export interface CrewMember {
  readonly isFunction: boolean;
  /**
   * Waits until a process of it has reached its point, or for a random moment, and makes sure that it is dead; others
   * take its place. Resolves to what it wrote down, or to `undefined` where no process was there to be killed.
   */
  kill(): Promise<readonly JournalLine[] | undefined>;
  /** Lets it end what it has begun. */
  dismiss(): Promise<void>;
  abandon(): Promise<void>;
}
