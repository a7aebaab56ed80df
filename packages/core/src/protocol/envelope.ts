import { isJsonObject, type Json, parseJson, stringifyJson } from "../codec/index.js";
import { newerVersion } from "./json-line.js";
import { envelopeWire } from "./wire.js";

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

export type EnvelopeReading =
  | { readonly status: "read"; readonly envelope: Envelope }
  /** It can never be used, whoever reads it. */
  | { readonly status: "unusable"; readonly reason: string }
  /** A newer reader may be able to use it. */
  | { readonly status: "not-understood"; readonly reason: string };

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
  if (body.length > MAX_ENVELOPE_CHARACTERS) return unusable("the message is too large to be an envelope");
  let json: Json;
  try {
    json = parseJson(body);
  } catch {
    return unusable("the message is not JSON");
  }
  if (!isJsonObject(json)) return unusable("the message is not a JSON object");
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
