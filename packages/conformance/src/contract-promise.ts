import type { Trial } from "./trial.js";

/**
 * One promise of a contract, as data: the suites bind it to vitest, `check` runs it anywhere. It holds when `run`
 * resolves and is broken when `run` rejects.
 */
export interface ContractPromise<Port> {
  /** A short name, unique in all suites: `release-delays`. */
  readonly id: string;
  /** The promise in a sentence; the title of its test. */
  readonly title: string;
  /** Whether a driver may declare it unsupported, with a reason. */
  readonly optional?: boolean;
  run(trial: Trial<Port>): Promise<void>;
}

// #region options
/** The promises that a driver may declare unsupported. */
export type OptionalPromiseId =
  | "store-failure"
  | "transport-failure"
  | "audit-failure"
  | "deduplication-ends"
  | "received-too-often"
  | "survives-close";

export interface SuiteOptions {
  /**
   * Optional promises that this driver does not keep or that cannot be checked on it, each with the reason. They are
   * reported as skipped and listed at the end. Whatever is not declared here must hold.
   */
  readonly unsupported?: { readonly [Id in OptionalPromiseId]?: string };
  /** The shortest visibility and delay that the transport can tell apart, in milliseconds. SQS: 1,000. Default: 50. */
  readonly shortestVisibilityMs?: number;
  /** How often the transport under test lets a message be received before it is dead: what the fixture set, at most 50. */
  readonly maxReceiveCount?: number;
  /** How long to wait for what must come (a message, a lagging listing) before it is taken as lost, in milliseconds. Default: 30,000. */
  readonly patienceMs?: number;
  /** How many random cases each property is tried with. Default: 25. */
  readonly runs?: number;
  /** Where the random cases begin, to repeat a run: a failed property tells its seed. Default: anew each time. */
  readonly seed?: number;
}
// #endregion

/** A promise about one part, asked of the whole that has it. */
export function onPart<Whole, Part>(
  promise: ContractPromise<Part>,
  part: (whole: Whole) => Part,
): ContractPromise<Whole> {
  return { ...promise, run: (trial) => promise.run(trial.on(part)) };
}
