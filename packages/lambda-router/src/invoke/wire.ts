import type { Json } from "@agenthandoff/core";
import { z } from "zod";

// What a relay and the function of one of its agents tell each other, name for name. Values are written by core's codec:
// what JSON knows stands as it is, so that a function in any language can answer. What a schema does not know is not
// looked at.

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/, "must be a sha256 in lower-case hex");
const instant = z.iso.datetime({ precision: 3 });
const value: z.ZodType<Json> = z.custom<Json>((each) => each !== undefined, "must be there");
const reason = z.string().optional();

/** The most that a result may have, in bytes of its JSON: what core parses. */
export const LARGEST_RESULT_BYTES = 68_157_440;

/** The name, among what the runs of a step leave, of a result that is too large for an answer. */
export function storedName(sha256: string): string {
  return `answer-${sha256}`;
}

/** What a function is invoked with. */
export interface WireRequest {
  readonly v: 1;
  readonly relay_id: string;
  readonly task_id: string;
  /** The hop whose handoff asks for the run. */
  readonly hop: number;
  readonly context_s3_key: string;
  readonly handoff_sha256: string;
  readonly agent: string;
  readonly attempt: { readonly id: string; readonly number: number };
  /** When its caller stops to wait: RFC 3339, UTC, milliseconds. */
  readonly deadline: string;
}

export const requestSchema: z.ZodType<WireRequest> = z.object({
  v: z.literal(1),
  relay_id: z.string().min(1),
  task_id: z.string().min(1),
  hop: count,
  context_s3_key: z.string().min(1),
  handoff_sha256: hash,
  agent: z.string().min(1),
  attempt: z.object({ id: z.string().min(1), number: z.int().min(1) }),
  deadline: instant,
});

export type WireDecision =
  | { readonly kind: "handoff"; readonly to: string; readonly reason?: string | undefined }
  | { readonly kind: "complete"; readonly reason?: string | undefined }
  | { readonly kind: "fail"; readonly reason: string; readonly error?: WireError | undefined }
  | {
      readonly kind: "wait";
      readonly reason?: string | undefined;
      readonly on?: { readonly kind: "answer"; readonly question?: Json | undefined } | undefined;
    };

export type WireEntry =
  | { readonly kind: "message"; readonly value: Json }
  | { readonly kind: "output" | "view"; readonly name?: string | undefined; readonly value: Json }
  | { readonly kind: "state"; readonly name: string; readonly value: Json }
  /** Its bytes are either a text or base64. */
  | {
      readonly kind: "artifact";
      readonly name: string;
      readonly media_type?: string | undefined;
      readonly text?: string | undefined;
      readonly base64?: string | undefined;
    };

export interface WireError {
  readonly name?: string | undefined;
  readonly message: string;
  /** One of core's, `NON_RETRYABLE` say, has its meaning. */
  readonly code?: string | undefined;
  readonly retry_after_ms?: number | undefined;
}

/** What a run came to. */
export interface WireResult {
  readonly decision: WireDecision;
  readonly entries?: readonly WireEntry[] | undefined;
  readonly usage?: Readonly<Record<string, number | undefined>> | null | undefined;
}

export type WireAnswer =
  | WireResult
  /** A result that is too large for an answer: stored under the step's runs, by a name that its hash makes. */
  | { readonly stored: { readonly sha256: string; readonly bytes: number } }
  /** The agent threw. */
  | { readonly error: WireError }
  /** Nothing was run. */
  | { readonly refused: WireError };

const error: z.ZodType<WireError> = z.object({
  name: z.string().optional(),
  message: z.string(),
  code: z.string().optional(),
  retry_after_ms: z.number().min(0).optional(),
});

const named = { name: z.string().optional(), value };

const entry: z.ZodType<WireEntry> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("message"), value }),
  z.object({ kind: z.literal("output"), ...named }),
  z.object({ kind: z.literal("view"), ...named }),
  z.object({ kind: z.literal("state"), name: z.string(), value }),
  z
    .object({
      kind: z.literal("artifact"),
      name: z.string(),
      media_type: z.string().optional(),
      text: z.string().optional(),
      base64: z.base64().optional(),
    })
    .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), "must have text or base64"),
]);

const decision: z.ZodType<WireDecision> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("handoff"), to: z.string(), reason }),
  z.object({ kind: z.literal("complete"), reason }),
  z.object({ kind: z.literal("fail"), reason: z.string(), error: error.optional() }),
  z.object({
    kind: z.literal("wait"),
    reason,
    on: z.object({ kind: z.literal("answer"), question: value.optional() }).optional(),
  }),
]);

export const resultSchema: z.ZodType<WireResult> = z.object({
  decision,
  entries: z.array(entry).optional(),
  usage: z.record(z.string(), count).nullish(),
});

/** Of the ways to answer, the one that this is: only its faults are worth telling. */
export function answerSchema(answer: unknown): z.ZodType<WireAnswer> {
  const has = (name: string): boolean => typeof answer === "object" && answer !== null && Object.hasOwn(answer, name);
  if (has("stored")) return z.object({ stored: z.object({ sha256: hash, bytes: count }) });
  if (has("error") && !has("decision")) return z.object({ error });
  if (has("refused")) return z.object({ refused: error });
  return resultSchema;
}
