import { createCodec } from "../codec/index.js";
import { InvalidOptionsError } from "../errors/index.js";
import { systemClock, systemRandom } from "../ports/index.js";
import { createKeys } from "../protocol/index.js";
import type { Agent } from "./agent/agent.js";
import { createChainCache } from "./chain/chain-cache.js";
import { createChanges } from "./changes.js";
import type { RelayEnvironment } from "./environment.js";
import { parseRelayOptions, type RelayOptions } from "./options.js";

/**
 * All that the parts of one relay share, from its options.
 * @throws InvalidOptionsError
 */
export function createEnvironment(options: RelayOptions<readonly Agent[]>): RelayEnvironment {
  const { limits, versions, acceptUnversioned } = parseRelayOptions(options);
  const agents: readonly Agent[] = options.agents;
  const classes = new Set([...(options.classes ?? []), ...agents.flatMap((agent) => agent.classes ?? [])]);
  const { backend, observer, redact } = options;
  const prefix = backend.prefix ?? "";
  if (prefix !== "" && !prefix.endsWith("/")) throw new InvalidOptionsError('a backend\'s prefix must end with "/"');
  const own = `${prefix}${options.id}/`;
  const foreign = acceptUnversioned?.prefix;
  // Whoever may write there could else write slots, or have anything of the relay's taken for a producer's.
  if (foreign !== undefined && (own.startsWith(foreign) || foreign.startsWith(own)))
    throw new InvalidOptionsError(
      `acceptUnversioned.prefix ("${foreign}") and this relay's own keys ("${own}…") must lie apart; choose another prefix for producers`,
    );
  return {
    relayId: options.id,
    agents: new Map(agents.map((agent) => [agent.name, agent])),
    backend,
    keys: createKeys({ relayId: options.id, prefix }),
    codec: createCodec({ classes: [...classes], blobThreshold: limits.blobThresholdBytes }),
    clock: options.clock ?? backend.clock ?? systemClock,
    random: options.random ?? systemRandom,
    limits,
    versions,
    acceptUnversioned,
    redact,
    chains: createChainCache(limits.cacheBytes),
    changes: createChanges(),
    outlook: new Map(),
    observe: (event) => {
      // What an observer does wrong must not change what happens to a task.
      void (async () => observer?.(event))().catch(() => {});
    },
  };
}
