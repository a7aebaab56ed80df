import type { Codec } from "../../codec/index.js";

/** What stands behind a turn: enough for an agent to have its run done by another process. */
export interface RunSetting {
  /** The key, in the store, of the handoff that the context ends with. */
  readonly contextKey: string;
  /** Its hash. */
  readonly handoffSha256: string;
  /** When the run is told to stop, at the latest, in milliseconds since the epoch by the relay's clock. */
  readonly deadline: number;
  /** How the relay writes values. */
  readonly codec: Codec;
  readonly scratch: Scratch;
}

/** What a run leaves for others of its step, in the store beside the chain: kept until its task is final and swept. */
export interface Scratch {
  /**
   * Stores `bytes` under `name`, unless something is there already: that stays.
   * @param name letters, digits, `.`, `_` and `-`, at most 128 of them
   * @throws InvalidIdError, StoreError
   */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** What was stored under `name`, or `undefined`. @throws InvalidIdError, StoreError */
  get(name: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>;
}
