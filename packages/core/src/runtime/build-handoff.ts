import { canonicalJson, type Json } from "../codec/index.js";
import { ContextTooLargeError } from "../errors/index.js";
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
import type { TaskChain } from "./chain/task-chain.js";
import { type RelayEnvironment, timestamp } from "./environment.js";

/** A handoff that is ready to commit, and the bytes that must be stored before it. */
export interface BuiltHandoff {
  readonly handoff: StoredHandoff;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

export type AnyNewEntry = NewEntry | { readonly kind: "input" | "answer"; readonly value: unknown };

export interface HandoffParts {
  readonly decision: Decision;
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
  readonly options?: StartOptions;
  /** Bytes to keep although nothing refers to them. */
  readonly unsent?: Uint8Array | undefined;
}

/**
 * Writes what was learned and decided as the handoff that follows a chain's head. Nothing is stored yet.
 * @throws NotSerializableError, ContextTooDeepError, ContextTooLargeError naming what cannot be kept
 */
export function buildHandoff(environment: RelayEnvironment, chain: TaskChain, parts: HandoffParts): BuiltHandoff {
  const { hop, previous } = nextHop(chain);
  const encoder = createEntryEncoder(environment, { taskId: chain.taskId, hop, agent: parts.fromAgent });
  const lines = encoder.encodeAll(parts.entries ?? []);
  if (parts.unsent !== undefined) encoder.keep(parts.unsent, "unsent");
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
    ...(parts.options === undefined ? {} : { options: parts.options }),
    attempt: parts.attempt ?? null,
    decision: parts.decision,
    usage: parts.usage ?? null,
    classes: encoder.classes(),
    blobs: encoder.blobRecords(),
  } satisfies HandoffRecord;
  return { handoff: serializeHandoff(record, lines), blobs: encoder.blobs() };
}

interface EntryEncoder {
  encodeAll(entries: readonly AnyNewEntry[]): EntryLine[];
  keep(bytes: Uint8Array, of: BlobRecord["of"]): BlobRecord;
  classes(): readonly string[];
  blobs(): ReadonlyMap<string, Uint8Array>;
  blobRecords(): readonly BlobRecord[];
}

export function createEntryEncoder(
  environment: RelayEnvironment,
  about: { taskId: string; hop: number; agent: string | null },
): EntryEncoder {
  const { codec, redact } = environment;
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
  const encode = (value: unknown): Json =>
    codec.encode(value, {
      onBlob: (bytes) => {
        const { sha256: hash, size } = keep(bytes, "value");
        return { sha256: hash, size };
      },
      onClass: (name) => void classes.add(name),
    });

  const encodeOne = (entry: AnyNewEntry): EntryLine => {
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
    keep,
    encodeAll(entries) {
      const lines: EntryLine[] = [];
      for (const entry of entries) {
        const kept = redact === undefined ? entry : (redact(entry, about) as AnyNewEntry | undefined);
        if (kept !== undefined) lines.push(encodeOne(kept));
      }
      return lines;
    },
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
  await Promise.all([...blobs].map(([hash, bytes]) => store.putIfAbsent(environment.keys.blob(taskId, hash), bytes)));
}

const MAX_CANONICAL_BYTES = 64 * 1024 * 1024;

/** The hash of something that is no raw bytes: a start's input, an operation's arguments. */
export function canonicalHash(json: Json): string {
  const text = canonicalJson(json);
  if (text.length > MAX_CANONICAL_BYTES)
    throw new ContextTooLargeError({ what: "a value to be hashed", limit: MAX_CANONICAL_BYTES, size: text.length });
  return sha256(text);
}
