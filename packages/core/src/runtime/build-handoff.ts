import type { BlobReference, Codec, Json } from "../codec/index.js";
import {
  type BlobRecord,
  type Decision,
  type EntryLine,
  type HandoffRecord,
  type Origin,
  type StartOptions,
  type StoredHandoff,
  serializeHandoff,
  sha256,
  type Usage,
} from "../protocol/index.js";
import type { NewEntry } from "./agent/entries.js";
import { nextHop } from "./chain/commit.js";
import { inParallel, persist } from "./chain/persist.js";
import type { TaskChain } from "./chain/task-chain.js";
import { type RelayEnvironment, timestamp } from "./environment.js";

/** A handoff that is ready to commit, and the bytes that must be stored before it. */
export interface BuiltHandoff {
  readonly handoff: StoredHandoff;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

export type AnyNewEntry =
  | NewEntry
  | { readonly kind: "input"; readonly value: unknown }
  | { readonly kind: "answer"; readonly value: unknown };

/** What a handoff is made of. Values are redacted already: that happens where they come in. */
export interface HandoffParts {
  readonly decision: Decision;
  /** What a `wait` asks; `undefined` for nothing. */
  readonly question?: unknown;
  readonly entries?: readonly AnyNewEntry[];
  /** Null where no agent decided. */
  readonly fromAgent: string | null;
  readonly agentVersion?: string | undefined;
  readonly attempt?: string;
  readonly usage?: Usage | undefined;
  /** Default: its own hop. */
  readonly step?: number;
  readonly by?: string | undefined;
  readonly requestId?: string;
  readonly origin?: Origin;
  readonly inputSha256?: string;
  readonly options?: Pick<StartOptions, "deadlineMs">;
  /** The caller's own data about the task; `undefined` for none. */
  readonly metadata?: unknown;
  /** Bytes to keep although nothing refers to them. */
  readonly unsent?: readonly Uint8Array[];
}

/**
 * Writes what was learned and decided as the handoff that follows a chain's head. Nothing is stored yet.
 * @throws NotSerializableError, ContextTooDeepError, ContextTooLargeError naming what cannot be kept
 */
export function buildHandoff(environment: RelayEnvironment, chain: TaskChain, parts: HandoffParts): BuiltHandoff {
  const { hop, previous } = nextHop(chain);
  const encoder = createEntryEncoder(environment.codec);
  const lines = (parts.entries ?? []).map(encoder.encodeEntry);
  const decision = withQuestion(parts, encoder);
  const options = withMetadata(parts, encoder);
  for (const bytes of parts.unsent ?? []) encoder.keep(bytes, "unsent");
  const record = {
    v: 1,
    requires: [],
    relayId: environment.relayId,
    taskId: chain.taskId,
    hop,
    step: parts.step ?? hop,
    fromAgent: parts.fromAgent,
    ...(parts.by === undefined ? {} : { by: parts.by }),
    ...(parts.agentVersion === undefined ? {} : { agentVersion: parts.agentVersion }),
    createdAt: timestamp(environment),
    commitId: environment.random.id(),
    ...(parts.requestId === undefined ? {} : { requestId: parts.requestId }),
    previous,
    origin: parts.origin ?? null,
    ...(parts.inputSha256 === undefined ? {} : { inputSha256: parts.inputSha256 }),
    ...(options === undefined ? {} : { options }),
    attempt: parts.attempt ?? null,
    decision,
    usage: parts.usage ?? null,
    classes: encoder.classes(),
    blobs: encoder.blobRecords(),
  } satisfies HandoffRecord;
  return { handoff: serializeHandoff(record, lines), blobs: encoder.blobs() };
}

export function handTo(to: string, reason: string | undefined): Decision {
  return { kind: "handoff", to, ...(reason === undefined ? {} : { reason }) };
}

function withQuestion({ decision, question }: HandoffParts, encoder: EntryEncoder): Decision {
  if (decision.kind !== "wait" || question === undefined) return decision;
  return { ...decision, on: { ...decision.on, question: encoder.encodeInline(question) } };
}

function withMetadata({ options, metadata }: HandoffParts, encoder: EntryEncoder): StartOptions | undefined {
  return metadata === undefined ? options : { ...options, metadata: encoder.encodeInline(metadata) };
}

interface EntryEncoder {
  encodeEntry(entry: AnyNewEntry): EntryLine;
  /** For what readers need without reading blobs. */
  encodeInline(value: unknown): Json;
  keep(bytes: Uint8Array, of: BlobRecord["of"]): BlobRecord;
  classes(): readonly string[];
  blobs(): ReadonlyMap<string, Uint8Array>;
  blobRecords(): readonly BlobRecord[];
}

function createEntryEncoder(codec: Codec): EntryEncoder {
  const classes = new Set<string>();
  const blobs = new Map<string, Uint8Array>();
  const records = new Map<string, BlobRecord>();

  const keep = (bytes: Uint8Array, of: BlobRecord["of"]): BlobRecord => {
    const hash = sha256(bytes);
    const known = records.get(hash);
    // One blob may serve as both: a reader that must decode a value needs it at once.
    if (known !== undefined && (known.of === of || known.of === "value")) return known;
    const record: BlobRecord = { sha256: hash, size: bytes.length, of };
    // A copy: the agent may go on writing into its buffer while we store it.
    if (known === undefined) blobs.set(hash, Uint8Array.from(bytes));
    records.set(hash, record);
    return record;
  };
  const onClass = (name: string): void => void classes.add(name);
  const onBlob = (bytes: Uint8Array): BlobReference => {
    const { sha256: hash, size } = keep(bytes, "value");
    return { sha256: hash, size };
  };
  const encode = (value: unknown): Json => codec.encode(value, { onBlob, onClass });

  const encodeEntry = (entry: AnyNewEntry): EntryLine => {
    switch (entry.kind) {
      case "artifact": {
        const text = typeof entry.data === "string";
        const { sha256: hash, size } = keep(text ? Buffer.from(entry.data, "utf8") : entry.data, "artifact");
        const mediaType = entry.mediaType ?? (text ? "text/plain; charset=utf-8" : "application/octet-stream");
        return { kind: "artifact", name: entry.name, mediaType, size, sha256: hash };
      }
      case "output":
      case "view":
        return {
          kind: entry.kind,
          ...(entry.name === undefined ? {} : { name: entry.name }),
          value: encode(entry.value),
        };
      case "state":
        return { kind: "state", name: entry.name, value: encode(entry.value) };
      default:
        return { kind: entry.kind, value: encode(entry.value) };
    }
  };

  return {
    encodeEntry,
    encodeInline: (value) => codec.encode(value, { onClass }),
    keep,
    classes: () => [...classes].sort(),
    blobs: () => blobs,
    blobRecords: () => [...records.values()],
  };
}

/** Writes what a handoff refers to; it must be there before the commit that names it. */
export async function storeBlobs(
  environment: RelayEnvironment,
  taskId: string,
  blobs: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const { store } = environment.backend;
  await inParallel([...blobs], async ([hash, bytes]) => {
    const key = environment.keys.blob(taskId, hash);
    await persist(environment, key, (signal) => store.putIfAbsent(key, bytes, { signal }));
  });
}
