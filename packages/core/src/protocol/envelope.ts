import { isJsonObject, type Json, parseJson, stringifyJson } from "../codec/index.js";
import { newerVersion } from "./json-line.js";
import { envelopeWire, unversionedWire } from "./wire.js";

/** The small queue message that points at a handoff. It never holds context. */
export interface Envelope {
  readonly v: 1;
  readonly relayId: string;
  readonly taskId: string;
  readonly hop: number;
  readonly fromAgent: string | null;
  readonly toAgent: string;
  /** The key of the handoff's slot; a reader derives it from the ids and refuses an envelope that names another. */
  readonly contextKey: string;
  readonly handoffSha256: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly sentAt: string;
  /** Counts re-sends, so that deduplication does not swallow them. */
  readonly generation: number;
  readonly traceparent?: string;
  readonly signature?: string;
}

/** What a producer in another language sends: a JSON object lies at the key. It bears no version and no hash. */
export interface UnversionedMessage {
  readonly fromAgent: string;
  readonly taskId: string;
  readonly contextKey: string;
}

export type EnvelopeReading =
  | { readonly status: "read"; readonly envelope: Envelope }
  /** It can never be used, whoever reads it. */
  | { readonly status: "unusable"; readonly reason: string }
  /** A newer reader may be able to use it. */
  | { readonly status: "not-understood"; readonly reason: string };

type JsonObject = { readonly [name: string]: Json };

/** An envelope is a few hundred bytes; no valid one is larger. */
const MAX_ENVELOPE_CHARACTERS = 16_384;

/**
 * JSON with every character beyond printable ASCII escaped, since queues refuse some of them.
 * @throws NotSerializableError when a reader would refuse it
 */
export function serializeEnvelope(envelope: Envelope): string {
  return stringifyJson(envelopeWire.toJson(envelope)).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Reads a message's body; never throws. */
export function parseEnvelope(body: string): EnvelopeReading {
  const json = parseBody(body);
  if (typeof json === "string") return unusable(json);
  return readEnvelope(json);
}

/** Reads a message's body that need not be an envelope: one without a version may be of the unversioned form. */
export function parseMessage(
  body: string,
): EnvelopeReading | { readonly status: "unversioned"; readonly message: UnversionedMessage } {
  const json = parseBody(body);
  if (typeof json === "string") return unusable(json);
  if (Object.hasOwn(json, "v")) return readEnvelope(json);
  const reading = unversionedWire.fromJson(json);
  if ("value" in reading) return { status: "unversioned", message: reading.value };
  return unusable(`the message has no version, and its fields are missing or wrong: ${reading.wrong}`);
}

/** The object that a body holds, or why there is none. */
function parseBody(body: string): JsonObject | string {
  if (body.length > MAX_ENVELOPE_CHARACTERS) return "the message is too large to be an envelope";
  let json: Json;
  try {
    json = parseJson(body);
  } catch {
    return "the message is not JSON";
  }
  return isJsonObject(json) ? json : "the message is not a JSON object";
}

function readEnvelope(json: JsonObject): EnvelopeReading {
  const newer = newerVersion(json);
  if (newer !== undefined) return { status: "not-understood", reason: `the envelope has version ${newer}` };
  const reading = envelopeWire.fromJson(json);
  if ("wrong" in reading) return unusable(`the envelope's fields are missing or wrong: ${reading.wrong}`);
  return { status: "read", envelope: reading.value };
}

function unusable(reason: string): EnvelopeReading {
  return { status: "unusable", reason };
}

/** What a queue drops repeats by. */
export function deduplicationId(envelope: Envelope): string {
  return `${envelope.handoffSha256}.${envelope.generation}`;
}
