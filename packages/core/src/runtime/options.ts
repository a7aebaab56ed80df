import { z } from "zod";
import type { ClassCodec } from "../codec/index.js";
import { InvalidOptionsError } from "../errors/index.js";
import type { Backend, Clock, Random } from "../ports/index.js";
import { isPrefix, NAME_PATTERN } from "../protocol/index.js";
import type { Agent } from "./agent/agent.js";
import type { Redact } from "./redaction.js";
import type { RelayObserver } from "./relay-event.js";

/** The bounds a relay keeps. Every one can be set at `createRelay`. */
export interface RelayLimits {
  /** Runs of one handoff before its task fails. */
  readonly maxAttempts: number;
  /** The last hop a task may reach. */
  readonly maxHops: number;
  /** Bytes of a task's whole context, unpacked. */
  readonly maxContextBytes: number;
  /** Binary data of at least this many bytes is stored beside the chain. */
  readonly blobThresholdBytes: number;
  /** How long one run may take, unless its agent says otherwise. */
  readonly hopDeadlineMs: number;
  /** How long a run that was told to stop may take to do so; also what a worker that drains allows its runs. */
  readonly graceMs: number;
  /** The first delay after a failed run; doubled each time, with full jitter. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** For how long an intent without a commit is kept. */
  readonly intentTtlMs: number;
  /** Memory that a process spends on chains it has verified, in bytes. It keeps at most 200 of them. */
  readonly cacheBytes: number;
}

export const DEFAULT_LIMITS: RelayLimits = {
  maxAttempts: 3,
  maxHops: 10_000,
  maxContextBytes: 1024 ** 3,
  blobThresholdBytes: 64 * 1024,
  hopDeadlineMs: 15 * 60_000,
  graceMs: 10_000,
  backoffMs: 1_000,
  maxBackoffMs: 15 * 60_000,
  intentTtlMs: 60 * 60_000,
  cacheBytes: 256 * 1024 ** 2,
};

/** Targets that no agent of the list has the name of. */
type DanglingTargets<Agents extends readonly Agent[]> = Exclude<
  Agents[number]["handsTo"][number],
  Agents[number]["name"]
>;

/** Lets a list of agents compile only when every target is in it; the error names those that are not. */
export type CheckRoutes<Agents extends readonly Agent[]> = [DanglingTargets<Agents>] extends [never]
  ? unknown
  : { readonly "no agent named": DanglingTargets<Agents> };

/** Who may hand over without this library, in another language say. */
export interface UnversionedOptions {
  /**
   * What the keys of their objects begin with, as they stand in the store; then come the producer's name and `/`. It
   * ends with `/`, and lies apart from this relay's own keys.
   */
  readonly prefix: string;
}

export interface RelayOptions<Agents extends readonly Agent[]> extends Partial<RelayLimits> {
  /** Names the relay in every key, record and queue. */
  readonly id: string;
  readonly agents: Agents & CheckRoutes<Agents>;
  readonly backend: Backend;
  /** Classes that values may be made of, beside those that the agents bring. */
  readonly classes?: readonly ClassCodec[];
  /** `pinned`: a task stays with the version of an agent that it met first; other workers leave it alone. Default: `any`. */
  readonly versions?: "any" | "pinned";
  /**
   * Takes in messages of the unversioned form, which point at a JSON object of a producer that this relay declares
   * (`declareAgent`), from the queues of the agents that it hands to. Default: such messages are rejected.
   */
  readonly acceptUnversioned?: UnversionedOptions;
  /** Sees every entry before it is hashed and stored, and returns what may be kept. */
  readonly redact?: Redact;
  /** Told what this process does; it must not throw, and gets no payloads. */
  readonly observer?: RelayObserver;
  /** Default: the backend's where it has one (`memory`), else the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
}

const milliseconds = z
  .number()
  .int()
  .nonnegative()
  .max(365 * 24 * 3600_000);
const optionsSchema = z.looseObject({
  id: z.string().regex(NAME_PATTERN, `must match ${NAME_PATTERN}`),
  agents: z.array(z.looseObject({ name: z.string(), handsTo: z.array(z.string()) })).min(1, "needs at least one agent"),
  backend: z.looseObject({ store: z.looseObject({}), transport: z.looseObject({}), audit: z.looseObject({}) }),
  versions: z.enum(["any", "pinned"]).default("any"),
  acceptUnversioned: z
    .strictObject(
      {
        prefix: z.string().refine((prefix) => prefix !== "" && isPrefix(prefix), {
          error: 'must be parts of printable ASCII that each end with "/", such as "handoffs/"',
        }),
      },
      { error: 'must say where producers put their objects: { prefix: "handoffs/" }' },
    )
    .optional(),
  maxAttempts: z.number().int().min(1).max(1000).default(DEFAULT_LIMITS.maxAttempts),
  maxHops: z.number().int().min(1).max(1_000_000).default(DEFAULT_LIMITS.maxHops),
  maxContextBytes: z.number().int().positive().default(DEFAULT_LIMITS.maxContextBytes),
  blobThresholdBytes: z.number().int().positive().default(DEFAULT_LIMITS.blobThresholdBytes),
  hopDeadlineMs: milliseconds.min(1).default(DEFAULT_LIMITS.hopDeadlineMs),
  graceMs: milliseconds.default(DEFAULT_LIMITS.graceMs),
  backoffMs: milliseconds.default(DEFAULT_LIMITS.backoffMs),
  maxBackoffMs: milliseconds.default(DEFAULT_LIMITS.maxBackoffMs),
  // A put's own deadline is a minute: an intent must outlive any put that it announces.
  intentTtlMs: milliseconds.min(60 * 60_000, "must be at least an hour").default(DEFAULT_LIMITS.intentTtlMs),
  cacheBytes: z.number().int().nonnegative().default(DEFAULT_LIMITS.cacheBytes),
});

/**
 * Checks what the compiler could not.
 * @throws InvalidOptionsError
 */
export function parseRelayOptions(options: RelayOptions<readonly Agent[]>): {
  limits: RelayLimits;
  versions: "any" | "pinned";
  acceptUnversioned: UnversionedOptions | undefined;
} {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new InvalidOptionsError(`this relay cannot be created: ${z.prettifyError(parsed.error)}`);
  const names = new Set<string>();
  for (const { name } of options.agents as readonly Agent[]) {
    if (names.has(name))
      throw new InvalidOptionsError(`this relay has two agents named "${name}"; give each its own name`);
    names.add(name);
  }
  for (const agent of options.agents as readonly Agent[]) {
    const dangling = agent.handsTo.find((target) => !names.has(target));
    if (dangling !== undefined)
      throw new InvalidOptionsError(
        `agent "${agent.name}" hands to "${dangling}", which is not in the relay; add it, or declare it with declareAgent`,
      );
  }
  const { versions, acceptUnversioned, id: _id, agents: _agents, backend: _backend, ...rest } = parsed.data;
  const limits = Object.fromEntries(
    Object.keys(DEFAULT_LIMITS).map((key) => [key, rest[key]]),
  ) as unknown as RelayLimits;
  return { limits, versions, acceptUnversioned };
}
