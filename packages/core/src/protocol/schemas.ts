import { z } from "zod";
import type { Json } from "../codec/index.js";
import { ANY_TASK_ID_PATTERN, MAX_HOP, NAME_PATTERN } from "./ids.js";

// What is written and sent, name for name. A member that a schema does not know is accepted and not looked at; the
// bytes that hold it are carried along unchanged.

/** A JSON object as it stands on the wire: names in snake_case. */
export interface WireObject {
  readonly [name: string]: unknown;
}

export interface SegmentHeader {
  readonly v: 1;
  readonly task_id: string;
  readonly hop: number;
  readonly first: number;
  readonly refs: readonly number[];
  /** `[compressed bytes, raw bytes]` of each handoff. */
  readonly frames: readonly (readonly [number, number])[];
  readonly erased?: true | undefined;
}

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const hop = z.number().int().min(0).max(MAX_HOP);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const taskId = z.string().regex(ANY_TASK_ID_PATTERN);
const name = z.string().regex(NAME_PATTERN);
/** RFC 3339, in UTC, with milliseconds: one way to write each instant. */
const instant = z.iso.datetime({ precision: 3 });
const json: z.ZodType<Json> = z.any();

/**
 * A list that is refused at its first wrong item. Zod's own array makes a note of every wrong one, so that a few
 * kilobytes of packed zeros would fill gigabytes.
 */
function list<Item>(item: z.ZodType<Item>): z.ZodType<readonly Item[]> {
  const { $schema, ...published } = z.toJSONSchema(z.array(item), { io: "input" });
  return z
    .any()
    .superRefine((value: unknown, context) => {
      if (!Array.isArray(value)) return context.addIssue({ code: "custom" });
      for (const [index, each] of value.entries()) {
        const wrong = item.safeParse(each).error?.issues[0];
        if (wrong !== undefined) return context.addIssue({ code: "custom", path: [index, ...wrong.path] });
      }
    })
    .meta(published);
}

const reason = z.string().optional();
const decision = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("handoff"), to: name, reason }),
  z.object({ kind: z.literal("complete"), reason }),
  z.object({ kind: z.literal("cancel"), reason }),
  z.object({
    kind: z.literal("fail"),
    reason: z.string(),
    error: z.object({ name: z.string(), message: z.string(), code: z.string().optional() }).optional(),
  }),
  z.object({
    kind: z.literal("wait"),
    reason,
    on: z.object({ kind: z.string(), question: json.optional() }),
    until: instant.optional(),
  }),
]);

const usage = z.object({
  input_tokens: count.optional(),
  output_tokens: count.optional(),
  total_tokens: count.optional(),
  cache_read_tokens: count.optional(),
  cache_write_tokens: count.optional(),
  reasoning_tokens: count.optional(),
  model_calls: count.optional(),
  tool_calls: count.optional(),
  duration_ms: count.optional(),
});

const key = z.string().min(1).max(1024);

const origin = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["branch", "fork", "call"]), task_id: taskId, hop, handoff_sha256: hash, index: count }),
  z.object({ kind: z.literal("object"), key, sha256: hash }),
]);

const options = z.object({
  deadline_ms: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  metadata: json.optional(),
});

const blob = z.object({ sha256: hash, size: count, of: z.enum(["value", "artifact", "unsent"]) });

/** The first line of a handoff. */
export const handoffLineSchema: z.ZodType<WireObject> = z.object({
  kind: z.literal("handoff"),
  v: z.literal(1),
  requires: list(z.string()),
  relay_id: name,
  task_id: taskId,
  hop,
  step: hop,
  from_agent: name.nullable(),
  by: z.string().optional(),
  agent_version: z.string().optional(),
  created_at: instant,
  commit_id: z.string().min(1),
  request_id: z.string().optional(),
  previous: hash.nullable(),
  origin: origin.nullable(),
  input_sha256: hash.optional(),
  options: options.optional(),
  attempt: z.string().nullable(),
  decision,
  usage: usage.nullable(),
  classes: list(z.string()).default([]),
  blobs: list(blob).default([]),
});

const entries = [
  z.object({ kind: z.literal("input"), value: json }),
  z.object({ kind: z.literal("answer"), value: json }),
  z.object({ kind: z.literal("message"), value: json }),
  z.object({ kind: z.literal("output"), name: z.string().optional(), value: json }),
  z.object({ kind: z.literal("state"), name: z.string(), value: json }),
  z.object({ kind: z.literal("view"), name: z.string().optional(), value: json }),
  z.object({ kind: z.literal("artifact"), name: z.string(), media_type: z.string(), size: count, sha256: hash }),
] as const;

/** Every further line of a handoff that this version knows. */
export const entryLineSchema: z.ZodType<WireObject> = z.discriminatedUnion("kind", entries);

/** The kinds of line that `entryLineSchema` takes. */
export const ENTRY_KINDS: ReadonlySet<string> = new Set(entries.map((entry) => entry.shape.kind.value));

/** The queue message. */
export const envelopeSchema: z.ZodType<WireObject> = z.object({
  v: z.literal(1),
  relay_id: name,
  task_id: taskId,
  hop,
  from_agent: name.nullable(),
  to_agent: name,
  context_s3_key: key,
  handoff_sha256: hash,
  sent_at: instant,
  generation: count,
  traceparent: z.string().max(256).optional(),
  signature: z.string().max(1024).optional(),
});

/** The queue message of a producer that knows no version of this protocol. */
export const unversionedSchema: z.ZodType<WireObject> = z.object({
  from_agent: name,
  task_id: taskId,
  context_s3_key: key,
});

/** The first line of a segment. */
export const segmentHeaderSchema: z.ZodType<SegmentHeader> = z.object({
  v: z.literal(1),
  task_id: taskId,
  hop,
  first: hop,
  refs: list(hop),
  frames: list(z.tuple([count, count])),
  erased: z.literal(true).optional(),
});
