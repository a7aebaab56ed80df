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

/** A promise about one part, asked of the whole that has it. */
export function onPart<Whole, Part>(
  promise: ContractPromise<Part>,
  part: (whole: Whole) => Part,
): ContractPromise<Whole> {
  return { ...promise, run: (trial) => promise.run(trial.on(part)) };
}
