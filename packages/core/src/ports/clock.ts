/** Time, injected so that tests and simulations own it. */
export interface Clock {
  /** Milliseconds since the epoch. Only one place in this library reads the machine's clock: `systemClock`. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason once it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance, injected likewise. */
export interface Random {
  /** Uniform in [0, 1). */
  number(): number;
  /** An unguessable id of 22 or more URL-safe characters. */
  id(): string;
}
