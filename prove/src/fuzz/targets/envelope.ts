import { type Envelope, parseEnvelope, serializeEnvelope } from "../../../../packages/core/src/protocol/envelope.js";
import { jsonMutation } from "../mutate/json.js";
import { law, type Target } from "../target.js";
import { JSON_WORDS } from "./words.js";

const ENVELOPE: Envelope = {
  v: 1,
  relayId: "relay",
  taskId: "t",
  hop: 3,
  fromAgent: "research",
  toAgent: "code",
  contextKey: "relay/slots/t/0000000003.ndjson.gz",
  handoffSha256: "ab".repeat(32),
  sentAt: "2026-01-02T03:04:05.678Z",
  generation: 0,
  traceparent: "00-é-01",
};

/** Reading never throws, and what was read is written in ASCII and reads back. */
export const envelopeTarget: Target = {
  name: "envelope",
  seeds: async () => [
    Buffer.from(serializeEnvelope(ENVELOPE)),
    Buffer.from(serializeEnvelope({ ...ENVELOPE, hop: 0, fromAgent: null, signature: "s" })),
    Buffer.from('{"v":2}'),
  ],
  words: [...JSON_WORDS, ...Object.values(ENVELOPE).map(String), "from_agent", "task_id", "context_s3_key", "v"],
  mutations: [jsonMutation],
  run(input) {
    const body = Buffer.from(input).toString("utf8");
    const reading = readOrBreak(body);
    if (reading.status !== "read") {
      law(reading.reason.length <= 1_000, "a reason is short");
      return;
    }
    const written = serializeEnvelope(reading.envelope);
    law(/^[\x20-\x7e]*$/.test(written), "an envelope is printable ASCII");
    const again = parseEnvelope(written);
    law(again.status === "read" && serializeEnvelope(again.envelope) === written, "an envelope reads back");
  },
};

function readOrBreak(body: string): ReturnType<typeof parseEnvelope> {
  try {
    return parseEnvelope(body);
  } catch (cause) {
    throw new Error("broken: reading an envelope never throws", { cause });
  }
}
