import { isDeepStrictEqual } from "node:util";
import { hasCode, isBackendError, TaskNotFoundError } from "../../errors/index.js";
import type { AuditEvent } from "../../ports/index.js";
import { type StoredHandoff, sha256, verifyLink } from "../../protocol/index.js";
import { committedEvent } from "../audit/events.js";
import { ownHandoff } from "../chain/commit.js";
import { findHead } from "../chain/head.js";
import { inParallel } from "../chain/persist.js";
import { readChain } from "../chain/read-chain.js";
import type { RelayEnvironment } from "../environment.js";

export interface Verification {
  readonly taskId: string;
  readonly ok: boolean;
  /** Filled slots. */
  readonly hops: number;
  /** Blobs that were read and hashed. */
  readonly blobs: number;
  /** What does not hold; empty when all is well. */
  readonly problems: readonly { readonly hop: number; readonly what: string }[];
}

type Problem = Verification["problems"][number];

/**
 * Checks a task past every cache: each slot's own handoff, the hashes that chain them, the copies that later segments
 * carry, every blob that is named, and that the audit log tells of each hop with the same hash.
 * @throws TaskNotFoundError, StoreError, AuditError; damage is reported, not thrown
 */
export async function verifyTask(environment: RelayEnvironment, taskId: string): Promise<Verification> {
  const problems: Problem[] = [];
  const head = await collect(problems, 0, () => findHead(environment, taskId, { fresh: true }));
  if (head === undefined) {
    if (problems.length === 0) throw new TaskNotFoundError(taskId);
    return { taskId, ok: false, hops: 0, blobs: 0, problems };
  }
  const own = await readOwnHandoffs(environment, taskId, head, problems);
  let previous: StoredHandoff | undefined;
  for (const [hop, handoff] of own.entries()) {
    if (handoff !== undefined)
      await collect(problems, hop, async () => verifyLink(previous, handoff, { relayId: environment.relayId, taskId }));
    previous = handoff;
  }
  await collect(problems, head, async () => {
    const { chain } = await readChain(environment, taskId, head, { fresh: true });
    const differs = chain?.handoffs.findIndex((carried, hop) => carried.sha256 !== own[hop]?.sha256) ?? -1;
    if (differs !== -1)
      problems.push({ hop: differs, what: "a later segment carries another handoff than the slot holds" });
  });
  const blobs = await verifyBlobs(environment, taskId, own, problems);
  await verifyAudit(environment, taskId, own, problems);
  return { taskId, ok: problems.length === 0, hops: head + 1, blobs, problems };
}

async function readOwnHandoffs(
  environment: RelayEnvironment,
  taskId: string,
  head: number,
  problems: Problem[],
): Promise<(StoredHandoff | undefined)[]> {
  const hops = Array.from({ length: head + 1 }, (_, hop) => hop);
  return await inParallel(hops, (hop) =>
    collect(problems, hop, async () => {
      const bytes = await environment.backend.store.get(environment.keys.slot(taskId, hop));
      if (bytes !== undefined) return ownHandoff(bytes, taskId, hop);
      problems.push({ hop, what: "its slot is empty" });
      return undefined;
    }),
  );
}

async function verifyBlobs(
  environment: RelayEnvironment,
  taskId: string,
  own: readonly (StoredHandoff | undefined)[],
  problems: Problem[],
): Promise<number> {
  const named = new Map<string, { readonly hop: number; readonly size: number }>();
  for (const [hop, handoff] of own.entries())
    for (const { sha256: hash, size } of handoff?.record.blobs ?? [])
      if (!named.has(hash)) named.set(hash, { hop, size });
  await inParallel([...named], async ([hash, { hop, size }]) => {
    const bytes = await environment.backend.store.get(environment.keys.blob(taskId, hash));
    if (bytes === undefined) problems.push({ hop, what: `the blob ${hash} is missing` });
    else if (bytes.length !== size || sha256(bytes) !== hash)
      problems.push({ hop, what: `the blob ${hash} holds other bytes` });
  });
  return named.size;
}

async function verifyAudit(
  environment: RelayEnvironment,
  taskId: string,
  own: readonly (StoredHandoff | undefined)[],
  problems: Problem[],
): Promise<void> {
  const told = new Map<number, AuditEvent>();
  for await (const event of environment.backend.audit.events(environment.relayId, taskId))
    if (event.kind === "committed") told.set(event.hop, event);
  for (const [hop, handoff] of own.entries()) {
    const event = told.get(hop);
    if (event === undefined) problems.push({ hop, what: "the audit log does not tell of it" });
    else if (handoff !== undefined && !tellsTheSame(event, committedEvent(handoff)))
      problems.push({ hop, what: "the audit log tells of another handoff" });
  }
  for (const hop of told.keys())
    if (hop >= own.length) problems.push({ hop, what: "the audit log tells of it, but its slot is empty" });
}

/** Whether all that both events tell is the same: another version of this library may tell more, or less. */
function tellsTheSame(event: AuditEvent, expected: AuditEvent): boolean {
  if (event.at !== expected.at || event.agent !== expected.agent) return false;
  if (event.detail.sha256 !== expected.detail.sha256) return false;
  return Object.entries(event.detail).every(
    ([name, value]) => expected.detail[name] === undefined || isDeepStrictEqual(value, expected.detail[name]),
  );
}

/** Notes damage as a problem; a backend that fails is no finding. */
async function collect<T>(problems: Problem[], hop: number, check: () => Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (isBackendError(error) || hasCode(error, "TASK_ERASED")) throw error;
    problems.push({ hop, what: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}
