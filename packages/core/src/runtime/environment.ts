import type { Codec } from "../codec/index.js";
import type { Backend, Clock, Random } from "../ports/index.js";
import type { Keys } from "../protocol/index.js";
import type { Agent } from "./agent/agent.js";
import type { ChainCache } from "./chain/chain-cache.js";
import type { Changes } from "./changes.js";
import type { RelayLimits, UnversionedOptions } from "./options.js";
import type { Outlook } from "./reconcile/outlook.js";
import type { Redact } from "./redaction.js";
import type { RelayEvent } from "./relay-event.js";

/** All that the parts of one relay share in one process. */
export interface RelayEnvironment {
  readonly relayId: string;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly backend: Backend;
  readonly keys: Keys;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: RelayLimits;
  readonly versions: "any" | "pinned";
  readonly acceptUnversioned: UnversionedOptions | undefined;
  readonly redact: Redact | undefined;
  readonly chains: ChainCache;
  readonly changes: Changes;
  readonly outlook: Outlook;
  observe(event: RelayEvent): void;
}

/** The present instant as it is stored: RFC 3339, UTC, milliseconds. */
export function timestamp(environment: { readonly clock: Clock }): string {
  return new Date(environment.clock.now()).toISOString();
}
