import { hasCode, isBackendError, TaskNotFoundError } from "../../errors/index.js";
import { type StoredHandoff, sha256, verifyLink } from "../../protocol/index.js";
import { ownHandoff } from "../chain/commit.js";
import { findHead } from "../chain/head.js";
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

/** How many slots are read side by side. */
const PARALLEL_READS = 16;

/**
 * Checks a task past every cache: each slot's own handoff, the hashes that chain them, the copies that later segments
 * carry, every blob that is named, and that the audit log tells of each hop with the same hash.
 * @throws TaskNotFoundError, StoreError, AuditError; damage is reported, not thrown
 */
export async function verifyTask(environment: RelayEnvironment, taskId: string): Promise<Verification> {
  const problems: { hop: number; what: string }[] = [];
  const head = await collect(problems, 0, () => findHead(environment, taskId));
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
  problems: { hop: number; what: string }[],
): Promise<(StoredHandoff | undefined)[]> {
  const own: (StoredHandoff | undefined)[] = [];
  for (let first = 0; first <= head; first += PARALLEL_READS) {
    const hops = Array.from({ length: Math.min(PARALLEL_READS, head - first + 1) }, (_, index) => first + index);
    const read = hops.map((hop) =>
      collect(problems, hop, async () => {
        const bytes = await environment.backend.store.get(environment.keys.slot(taskId, hop));
        if (bytes !== undefined) return ownHandoff(bytes, taskId, hop);
        problems.push({ hop, what: "its slot is empty" });
        return undefined;
      }),
    );
    own.push(...(await Promise.all(read)));
  }
  return own;
}

async function verifyBlobs(
  environment: RelayEnvironment,
  taskId: string,
  own: readonly (StoredHandoff | undefined)[],
  problems: { hop: number; what: string }[],
): Promise<number> {
  const seen = new Set<string>();
  for (const [hop, handoff] of own.entries()) {
    for (const blob of handoff?.record.blobs ?? []) {
      if (seen.has(blob.sha256)) continue;
      seen.add(blob.sha256);
      const bytes = await environment.backend.store.get(environment.keys.blob(taskId, blob.sha256));
      if (bytes === undefined) problems.push({ hop, what: `the blob ${blob.sha256} is missing` });
      else if (bytes.length !== blob.size || sha256(bytes) !== blob.sha256)
        problems.push({ hop, what: `the blob ${blob.sha256} holds other bytes` });
    }
  }
  return seen.size;
}

async function verifyAudit(
  environment: RelayEnvironment,
  taskId: string,
  own: readonly (StoredHandoff | undefined)[],
  problems: { hop: number; what: string }[],
): Promise<void> {
  const told = new Map<number, unknown>();
  for await (const event of environment.backend.audit.events(environment.relayId, taskId)) {
    if (event.kind === "committed") told.set(event.hop, event.detail.sha256);
  }
  for (const [hop, handoff] of own.entries()) {
    if (!told.has(hop)) problems.push({ hop, what: "the audit log does not tell of it" });
    else if (handoff !== undefined && told.get(hop) !== handoff.sha256)
      problems.push({ hop, what: "the audit log tells of another handoff" });
  }
  for (const hop of told.keys())
    if (hop >= own.length) problems.push({ hop, what: "the audit log tells of it, but its slot is empty" });
}

/** Notes damage as a problem; a backend that fails is no finding. */
async function collect<T>(
  problems: { hop: number; what: string }[],
  hop: number,
  check: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (isBackendError(error) || hasCode(error, "TASK_ERASED")) throw error;
    problems.push({ hop, what: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}
