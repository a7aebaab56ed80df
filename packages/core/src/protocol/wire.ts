import type { z } from "zod";
import type { Json } from "../codec/index.js";
import { NotSerializableError } from "../errors/index.js";
import type { Envelope, UnversionedMessage } from "./envelope.js";
import type {
  BlobRecord,
  Decision,
  EntryLine,
  ErrorSummary,
  HandoffRecord,
  Origin,
  StartOptions,
  Usage,
  WaitCondition,
} from "./handoff.js";
import { entryLineSchema, envelopeSchema, handoffLineSchema, unversionedSchema, type WireObject } from "./schemas.js";

// The one place where names in TypeScript (camelCase) and on the wire (snake_case) meet. A table that lacks a member
// does not compile; its order is the order on the wire.

/** The wire name of each member, and of its own members where they have names of their own. */
type Names<T> = { readonly [member in keyof Required<T>]: string | Nested };
type Nested = readonly [name: string, names: AnyNames];
type AnyNames = { readonly [member: string]: string | Nested };
/** The members of all alternatives of a union. */
type MembersOf<T> = { [member in T extends unknown ? keyof T : never]: unknown };

const ERROR: Names<ErrorSummary> = { name: "name", message: "message", code: "code" };

const CONDITION: Names<WaitCondition> = { kind: "kind", question: "question" };

const DECISION: Names<MembersOf<Decision>> = {
  kind: "kind",
  to: "to",
  reason: "reason",
  error: ["error", ERROR],
  on: ["on", CONDITION],
  until: "until",
};

const ORIGIN: Names<MembersOf<Origin>> = {
  kind: "kind",
  taskId: "task_id",
  hop: "hop",
  handoffSha256: "handoff_sha256",
  index: "index",
  key: "key",
  sha256: "sha256",
};

const OPTIONS: Names<StartOptions> = { deadlineMs: "deadline_ms", metadata: "metadata" };

const USAGE: Names<Usage> = {
  inputTokens: "input_tokens",
  outputTokens: "output_tokens",
  totalTokens: "total_tokens",
  cacheReadTokens: "cache_read_tokens",
  cacheWriteTokens: "cache_write_tokens",
  reasoningTokens: "reasoning_tokens",
  modelCalls: "model_calls",
  toolCalls: "tool_calls",
  durationMs: "duration_ms",
};

const BLOB: Names<BlobRecord> = { sha256: "sha256", size: "size", of: "of" };

const HANDOFF: Names<HandoffRecord> = {
  v: "v",
  requires: "requires",
  relayId: "relay_id",
  taskId: "task_id",
  hop: "hop",
  step: "step",
  fromAgent: "from_agent",
  by: "by",
  agentVersion: "agent_version",
  createdAt: "created_at",
  commitId: "commit_id",
  requestId: "request_id",
  previous: "previous",
  origin: ["origin", ORIGIN],
  inputSha256: "input_sha256",
  options: ["options", OPTIONS],
  attempt: "attempt",
  decision: ["decision", DECISION],
  usage: ["usage", USAGE],
  classes: "classes",
  blobs: ["blobs", BLOB],
};

const ENTRY: Names<MembersOf<EntryLine>> = {
  kind: "kind",
  name: "name",
  mediaType: "media_type",
  size: "size",
  sha256: "sha256",
  value: "value",
};

const ENVELOPE: Names<Envelope> = {
  v: "v",
  relayId: "relay_id",
  taskId: "task_id",
  hop: "hop",
  fromAgent: "from_agent",
  toAgent: "to_agent",
  contextKey: "context_s3_key",
  handoffSha256: "handoff_sha256",
  sentAt: "sent_at",
  generation: "generation",
  traceparent: "traceparent",
  signature: "signature",
};

const UNVERSIONED: Names<UnversionedMessage> = {
  fromAgent: "from_agent",
  taskId: "task_id",
  contextKey: "context_s3_key",
};

/** One row of a table, in one direction. */
interface Renaming {
  readonly source: string;
  readonly target: string;
  readonly nested: readonly Renaming[] | undefined;
}

/** A table as a list: made once, since a long context has thousands of records to rename. */
function renamingsOf(names: AnyNames, direction: "to wire" | "from wire"): readonly Renaming[] {
  return Object.entries(names).map(([ours, entry]) => {
    const [theirs, nested] = typeof entry === "string" ? [entry, undefined] : entry;
    const [source, target] = direction === "to wire" ? [ours, theirs] : [theirs, ours];
    return { source, target, nested: nested === undefined ? undefined : renamingsOf(nested, direction) };
  });
}

/** Renames what a table names, and leaves out what is undefined or not named: on the wire, missing is missing. */
function rename(renamings: readonly Renaming[], from: object): WireObject {
  const renamed: { [name: string]: unknown } = {};
  for (const { source, target, nested } of renamings) {
    const value = (from as WireObject)[source];
    if (value !== undefined) renamed[target] = nested === undefined ? value : renameEach(nested, value);
  }
  return renamed;
}

function renameEach(renamings: readonly Renaming[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: object) => rename(renamings, each));
  return typeof value === "object" && value !== null ? rename(renamings, value) : value;
}

/** What a reader makes of JSON: the value, or the names of the members that are missing or wrong; never what they hold. */
export type Reading<T> = { readonly value: T } | { readonly wrong: string };

/** One kind of line or message, both ways. */
export interface Wire<T> {
  /** @throws NotSerializableError when a reader would refuse it */
  toJson(value: T): Json;
  fromJson(json: Json): Reading<T>;
}

function createWire<T extends object>(
  schema: z.ZodType<WireObject>,
  names: AnyNames,
  options: { readonly what: string; readonly constant?: WireObject },
): Wire<T> {
  const toWire = renamingsOf(names, "to wire");
  const fromWire = renamingsOf(names, "from wire");
  return {
    toJson(value) {
      const json = { ...options.constant, ...rename(toWire, value) };
      const { error } = schema.safeParse(json);
      if (error !== undefined) {
        const path = `$.${error.issues[0]?.path.join(".") ?? ""}`;
        throw new NotSerializableError({ path, what: options.what, hint: "its value is missing or not allowed there" });
      }
      return json as Json;
    },
    fromJson(json) {
      const { data, error } = schema.safeParse(json);
      if (error === undefined) return { value: rename(fromWire, data) as unknown as T };
      return { wrong: [...new Set(error.issues.map((issue) => issue.path.join(".")))].slice(0, 12).join(", ") };
    },
  };
}

export const handoffWire: Wire<HandoffRecord> = createWire(handoffLineSchema, HANDOFF, {
  what: "a member of this handoff's record",
  constant: { kind: "handoff" },
});

export const entryWire: Wire<EntryLine> = createWire(entryLineSchema, ENTRY, { what: "a member of this entry" });

export const envelopeWire: Wire<Envelope> = createWire(envelopeSchema, ENVELOPE, {
  what: "a member of this envelope",
});

export const unversionedWire: Wire<UnversionedMessage> = createWire(unversionedSchema, UNVERSIONED, {
  what: "a member of this unversioned message",
});
