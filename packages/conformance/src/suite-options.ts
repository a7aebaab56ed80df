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
