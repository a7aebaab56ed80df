import fc from "fast-check";
import type { Json } from "../../codec/index.js";
import { arbitraryString, arbitraryText } from "../../codec/testing/arbitrary-value.js";
import type { Envelope, UnversionedMessage } from "../envelope.js";
import type {
  Decision,
  EntryLine,
  ErrorSummary,
  HandoffRecord,
  Origin,
  StartOptions,
  Usage,
  WaitCondition,
} from "../handoff.js";
import { MAX_HOP } from "../ids.js";

const count = fc.maxSafeNat();
const hop = fc.oneof(fc.nat({ max: 5_000 }), fc.constant(MAX_HOP));
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
// JSON cannot say -0; the codec writes it otherwise.
const json: fc.Arbitrary<Json> = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as Json);
const text = arbitraryString;

const instant = fc
  .integer({ min: Date.UTC(0, 0), max: Date.UTC(9999, 11, 31) })
  .map((time) => new Date(time).toISOString());

export const arbitraryName: fc.Arbitrary<string> = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
export const arbitraryTaskId: fc.Arbitrary<string> = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,126}$/);

/** Each optional member is sometimes missing; never undefined, which the types do not allow. */
function members<T extends object>(
  required: { readonly [member in RequiredKeys<T>]: fc.Arbitrary<T[member]> },
  optional: { readonly [member in Exclude<keyof T, RequiredKeys<T>>]: fc.Arbitrary<Exclude<T[member], undefined>> },
): fc.Arbitrary<T> {
  const needed = fc.record(required as { [member: string]: fc.Arbitrary<unknown> });
  const possible = fc.record(optional as { [member: string]: fc.Arbitrary<unknown> }, { requiredKeys: [] });
  return fc.tuple(needed, possible).map(([some, more]) => ({ ...some, ...more }) as T);
}

type RequiredKeys<T> = { [member in keyof T]-?: object extends Pick<T, member> ? never : member }[keyof T];
type Of<T, Kind> = Extract<T, { readonly kind: Kind }>;
const is = <const Kind extends string>(kind: Kind): fc.Arbitrary<Kind> => fc.constant(kind);

export const arbitraryDecision: fc.Arbitrary<Decision> = fc.oneof(
  members<Of<Decision, "handoff">>({ kind: is("handoff"), to: arbitraryName }, { reason: text }),
  members<Of<Decision, "complete">>({ kind: is("complete") }, { reason: text }),
  members<Of<Decision, "cancel">>({ kind: is("cancel") }, { reason: text }),
  members<Of<Decision, "fail">>(
    { kind: is("fail"), reason: text },
    { error: members<ErrorSummary>({ name: text, message: text }, { code: text }) },
  ),
  members<Of<Decision, "wait">>(
    { kind: is("wait"), on: members<WaitCondition>({ kind: text }, { question: json }) },
    { reason: text, until: instant },
  ),
);

const usage = members<Usage>(
  {},
  {
    inputTokens: count,
    outputTokens: count,
    totalTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    reasoningTokens: count,
    modelCalls: count,
    toolCalls: count,
    durationMs: count,
  },
);

const origin = fc.oneof(
  members<Exclude<Origin, { readonly kind: "object" }>>(
    {
      kind: fc.constantFrom("branch", "fork", "call"),
      taskId: arbitraryTaskId,
      hop,
      handoffSha256: hash,
      index: count,
    },
    {},
  ),
  members<Of<Origin, "object">>({ kind: is("object"), key: text.filter((key) => key !== ""), sha256: hash }, {}),
);

export const arbitraryRecord: fc.Arbitrary<HandoffRecord> = members<HandoffRecord>(
  {
    v: fc.constant(1),
    requires: fc.constant([]),
    relayId: arbitraryName,
    taskId: arbitraryTaskId,
    hop,
    step: hop,
    fromAgent: fc.option(arbitraryName),
    createdAt: instant,
    commitId: fc.string({ minLength: 1 }),
    previous: fc.option(hash),
    origin: fc.option(origin),
    attempt: fc.option(text),
    decision: arbitraryDecision,
    usage: fc.option(usage),
    classes: fc.array(text, { maxLength: 3 }),
    blobs: fc.array(
      fc.record({
        sha256: hash,
        size: count,
        of: fc.constantFrom("value" as const, "artifact" as const, "unsent" as const),
      }),
      { maxLength: 3 },
    ),
  },
  {
    by: text,
    agentVersion: text,
    requestId: text,
    inputSha256: hash,
    options: members<StartOptions>({}, { deadlineMs: fc.integer({ min: 1 }), metadata: json }),
  },
);

export const arbitraryEntry: fc.Arbitrary<EntryLine> = fc.oneof(
  members<Of<EntryLine, "input">>({ kind: is("input"), value: json }, {}),
  members<Of<EntryLine, "answer">>({ kind: is("answer"), value: json }, {}),
  members<Of<EntryLine, "message">>({ kind: is("message"), value: json }, {}),
  members<Of<EntryLine, "output">>({ kind: is("output"), value: json }, { name: text }),
  members<Of<EntryLine, "state">>({ kind: is("state"), name: text, value: json }, {}),
  members<Of<EntryLine, "view">>({ kind: is("view"), value: json }, { name: text }),
  members<Of<EntryLine, "artifact">>(
    { kind: is("artifact"), name: text, mediaType: text, size: count, sha256: hash },
    {},
  ),
);

export const arbitraryEnvelope: fc.Arbitrary<Envelope> = members<Envelope>(
  {
    v: fc.constant(1),
    relayId: arbitraryName,
    taskId: arbitraryTaskId,
    hop,
    fromAgent: fc.option(arbitraryName),
    toAgent: arbitraryName,
    contextKey: arbitraryText({ minLength: 1, maxLength: 100 }),
    handoffSha256: hash,
    sentAt: instant,
    generation: count,
  },
  { traceparent: arbitraryText({ maxLength: 60 }), signature: fc.string({ maxLength: 200 }) },
);

export const arbitraryUnversioned: fc.Arbitrary<UnversionedMessage> = members<UnversionedMessage>(
  { fromAgent: arbitraryName, taskId: arbitraryTaskId, contextKey: arbitraryText({ minLength: 1, maxLength: 100 }) },
  {},
);
