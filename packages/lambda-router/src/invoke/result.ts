import type { Codec, NewEntry, Turn, TurnResult } from "@agenthandoff/core";
import type { WireDecision, WireEntry, WireError, WireResult } from "./wire.js";

const NAMES_OF_USAGE = {
  inputTokens: "input_tokens",
  outputTokens: "output_tokens",
  totalTokens: "total_tokens",
  cacheReadTokens: "cache_read_tokens",
  cacheWriteTokens: "cache_write_tokens",
  reasoningTokens: "reasoning_tokens",
  modelCalls: "model_calls",
  toolCalls: "tool_calls",
  durationMs: "duration_ms",
} as const satisfies Record<keyof NonNullable<TurnResult["usage"]>, string>;

/**
 * What a run came to, as it travels.
 * @throws NotSerializableError, ContextTooDeepError, ContextTooLargeError naming what cannot be kept
 */
export function writeResult({ decision, entries, usage }: TurnResult, codec: Codec): WireResult {
  return {
    decision: writeDecision(decision, codec),
    entries: entries.map((entry) => writeEntry(entry, codec)),
    ...(usage === undefined
      ? {}
      : { usage: renamed(Object.entries(NAMES_OF_USAGE), usage as Record<string, number | undefined>) }),
  };
}

/**
 * The result that a function answered with, as the turn of its caller makes it.
 * @throws ContextIntegrityError, NotUnderstoodError for values that no codec wrote, or this one cannot read
 */
export function readResult({ decision, entries = [], usage }: WireResult, turn: Turn, codec: Codec): TurnResult {
  const options = {
    entries: entries.map((entry) => readEntry(entry, codec)),
    ...(decision.reason === undefined ? {} : { reason: decision.reason }),
    ...(usage === undefined || usage === null
      ? {}
      : {
          usage: renamed(
            Object.entries(NAMES_OF_USAGE).map(([ours, wire]) => [wire, ours]),
            usage,
          ),
        }),
  };
  switch (decision.kind) {
    case "handoff":
      return turn.handoff(decision.to, options);
    case "complete":
      return turn.complete(options);
    case "fail":
      return turn.fail({
        ...options,
        reason: decision.reason,
        ...(decision.error === undefined ? {} : { error: readError(decision.error) }),
      });
    case "wait": {
      const question = decision.on?.question;
      return turn.wait({ ...options, ...(question === undefined ? {} : { question: codec.decode(question) }) });
    }
  }
}

/** What was thrown, as far as a record keeps it. */
export function writeError(thrown: unknown): WireError {
  if (typeof thrown !== "object" || thrown === null) return { name: "Error", message: String(thrown) };
  const { name, message, code, retryAfterMs } = thrown as Record<string, unknown>;
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "an object was thrown that is no error",
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    ...(typeof retryAfterMs === "number" && retryAfterMs >= 0 && Number.isFinite(retryAfterMs)
      ? { retry_after_ms: retryAfterMs }
      : {}),
  };
}

export function readError({ name = "Error", message, code }: WireError): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}

function renamed(
  names: readonly (readonly [from: string, to: string])[],
  counts: Readonly<Record<string, number | undefined>>,
): Record<string, number> {
  return Object.fromEntries(
    names.flatMap(([from, to]) => {
      const count = counts[from];
      return count === undefined ? [] : [[to, count]];
    }),
  );
}

function writeDecision(decision: TurnResult["decision"], codec: Codec): WireDecision {
  if (decision.kind === "fail") {
    const { error, ...rest } = decision;
    return error === undefined ? rest : { ...rest, error: writeError(error) };
  }
  if (decision.kind !== "wait") return decision;
  const { question, ...rest } = decision;
  const asked = question === undefined ? {} : { question: codec.encode(question) };
  return { ...rest, on: { kind: "answer", ...asked } };
}

function writeEntry(entry: NewEntry, codec: Codec): WireEntry {
  if (entry.kind !== "artifact") return { ...entry, value: codec.encode(entry.value) };
  const { kind, name, mediaType, data } = entry;
  const bytes = typeof data === "string" ? { text: data } : { base64: Buffer.from(data).toString("base64") };
  return { kind, name, ...(mediaType === undefined ? {} : { media_type: mediaType }), ...bytes };
}

function readEntry(entry: WireEntry, codec: Codec): NewEntry {
  if (entry.kind === "artifact") {
    const { kind, name, media_type: mediaType, text, base64 = "" } = entry;
    const data = text ?? Buffer.from(base64, "base64");
    return { kind, name, data, ...(mediaType === undefined ? {} : { mediaType }) };
  }
  const decoded = codec.decode(entry.value);
  if (entry.kind === "message") return { kind: "message", value: decoded };
  if (entry.kind === "state") return { kind: "state", name: entry.name, value: decoded };
  return { kind: entry.kind, value: decoded, ...(entry.name === undefined ? {} : { name: entry.name }) };
}
