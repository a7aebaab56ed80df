import type { BlobReference } from "../../codec/index.js";
import { ContextIntegrityError } from "../../errors/index.js";
import { type EntryLine, parseEntries, type StoredHandoff, sha256 } from "../../protocol/index.js";
import { twiceBeforeDamage } from "../chain/damage.js";
import { inParallel } from "../chain/persist.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import type { Artifact, Context, Entry, EntryFilter } from "./context.js";
import { contextToMarkdown } from "./markdown.js";

/**
 * The context that a chain amounts to. Large values are read at once, so that entries can be decoded without waiting;
 * artifacts when somebody asks.
 * @throws ContextIntegrityError when a large value is missing or not what was stored
 */
export async function createContext(environment: RelayEnvironment, chain: TaskChain): Promise<Context> {
  const values = await readLargeValues(environment, chain);
  const decode = (value: Parameters<typeof environment.codec.decode>[0]) =>
    environment.codec.decode(value, { blob: (reference) => takeBlob(values, reference) });
  const byHop = new Map<StoredHandoff, readonly Entry[]>();

  const entriesOf = (handoff: StoredHandoff): readonly Entry[] => {
    const known = byHop.get(handoff);
    if (known !== undefined) return known;
    const entries = linesOf(handoff).map((line, index) =>
      createEntry(environment, chain.taskId, handoff, line, index, decode),
    );
    byHop.set(handoff, entries);
    return entries;
  };
  /** The handoffs that an agent committed, or all. */
  const handoffsOf = (agent: string | undefined) =>
    agent === undefined ? chain.handoffs : chain.handoffs.filter(({ record }) => record.fromAgent === agent);
  const select = (kind: Entry["kind"], filter: EntryFilter = {}) =>
    handoffsOf(filter.agent)
      .flatMap(entriesOf)
      .filter((entry) => entry.kind === kind && (filter.name === undefined || entry.name === filter.name));
  /** The newest match, reading no more handoffs than needed. */
  const last = (kind: Entry["kind"], filter: EntryFilter = {}): Entry | undefined => {
    for (const handoff of handoffsOf(filter.agent).toReversed()) {
      const found = entriesOf(handoff).findLast(
        (entry) => entry.kind === kind && (filter.name === undefined || entry.name === filter.name),
      );
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const { record } = headOf(chain);
  const first = chain.handoffs[0];
  const entryOfHop = (handoff: StoredHandoff | undefined, kind: Entry["kind"]) =>
    handoff === undefined ? undefined : entriesOf(handoff).find((entry) => entry.kind === kind)?.value;

  const context: Context = {
    relayId: chain.relayId,
    taskId: chain.taskId,
    hop: record.hop,
    step: record.step,
    from: record.fromAgent,
    reason: record.decision.reason,
    get handoffs() {
      return chain.handoffs.map((handoff) => handoff.record);
    },
    get entries() {
      return chain.handoffs.flatMap(entriesOf);
    },
    get input() {
      return entryOfHop(first, "input");
    },
    get metadata() {
      const metadata = first?.record.options?.metadata;
      return metadata === undefined ? undefined : decode(metadata);
    },
    get answer() {
      // A retry is given what the execution that it repeats was given.
      return entryOfHop(
        chain.handoffs.find(({ record: { hop } }) => hop === record.step),
        "answer",
      );
    },
    messages: (filter) => select("message", filter).map((entry) => entry.value),
    outputs: (filter) => select("output", filter).map((entry) => entry.value),
    latest: (agent, name) => last("output", { agent, ...(name === undefined ? {} : { name }) })?.value,
    state: (name, filter) => last("state", { ...filter, name })?.value,
    artifacts: (filter) => select("artifact", filter).map((entry) => entry.value as Artifact),
    artifact: (name) => last("artifact", { name })?.value as Artifact | undefined,
    toMarkdown: (options) => contextToMarkdown(context, options),
  };
  return context;
}

const knownLines = new WeakMap<StoredHandoff, readonly EntryLine[]>();

/**
 * A handoff's entries, parsed once for as long as this process keeps the handoff: parsing is most of what reading a
 * long context costs. Each run decodes values of its own from them.
 */
function linesOf(handoff: StoredHandoff): readonly EntryLine[] {
  const known = knownLines.get(handoff);
  if (known !== undefined) return known;
  const lines = parseEntries(handoff.raw);
  knownLines.set(handoff, lines);
  return lines;
}

function createEntry(
  environment: RelayEnvironment,
  taskId: string,
  handoff: StoredHandoff,
  line: EntryLine,
  index: number,
  decode: (value: Extract<EntryLine, { value: unknown }>["value"]) => unknown,
): Entry {
  const { hop, fromAgent } = handoff.record;
  let decoded: { readonly value: unknown } | undefined;
  return {
    id: `${hop}.${index}`,
    hop,
    index,
    agent: fromAgent,
    kind: line.kind,
    name: "name" in line ? line.name : undefined,
    get value() {
      decoded ??= {
        value: line.kind === "artifact" ? createArtifact(environment, taskId, handoff, line) : decode(line.value),
      };
      return decoded.value;
    },
  };
}

function createArtifact(
  environment: RelayEnvironment,
  taskId: string,
  handoff: StoredHandoff,
  line: Extract<EntryLine, { kind: "artifact" }>,
): Artifact {
  const { hop, fromAgent } = handoff.record;
  const bytes = () => readBlob(environment, taskId, line);
  return {
    name: line.name,
    mediaType: line.mediaType,
    size: line.size,
    sha256: line.sha256,
    hop,
    agent: fromAgent,
    bytes,
    text: async () => new TextDecoder().decode(await bytes()),
  };
}

/**
 * Reads and verifies one blob of a task; damage only after a second look.
 * @throws ContextIntegrityError, StoreError
 */
async function readBlob(
  environment: RelayEnvironment,
  taskId: string,
  { sha256: hash, size }: BlobReference,
): Promise<Uint8Array> {
  return await twiceBeforeDamage(async () => {
    const bytes = await environment.backend.store.get(environment.keys.blob(taskId, hash));
    if (bytes === undefined)
      throw new ContextIntegrityError(`task ${taskId} names the blob ${hash}, which is not in the store`);
    if (bytes.length !== size || sha256(bytes) !== hash)
      throw new ContextIntegrityError(`the blob ${hash} of task ${taskId} does not hold the bytes of its name`);
    return bytes;
  });
}

async function readLargeValues(
  environment: RelayEnvironment,
  chain: TaskChain,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const references = new Map<string, BlobReference>();
  for (const { record } of chain.handoffs)
    for (const blob of record.blobs) if (blob.of === "value") references.set(blob.sha256, blob);
  const read = await inParallel(
    [...references.values()],
    async (each) => [each.sha256, await readBlob(environment, chain.taskId, each)] as const,
  );
  return new Map(read);
}

function takeBlob(values: ReadonlyMap<string, Uint8Array>, reference: BlobReference): Uint8Array {
  const bytes = values.get(reference.sha256);
  if (bytes === undefined || bytes.length !== reference.size)
    throw new ContextIntegrityError(`an entry names the blob ${reference.sha256}, which its handoff does not list`);
  // A copy: two entries may hold the same bytes, and their reader may write into one.
  return Uint8Array.from(bytes);
}
