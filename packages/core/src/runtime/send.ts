import { deduplicationId, type Envelope, type StoredHandoff, serializeEnvelope } from "../protocol/index.js";
import { type RelayEnvironment, timestamp } from "./environment.js";

/** The envelope that points at a handoff to an agent; `undefined` when its decision sends nothing. */
export function envelopeFor(
  environment: RelayEnvironment,
  handoff: StoredHandoff,
  generation = 0,
): Envelope | undefined {
  const { record, sha256 } = handoff;
  if (record.decision.kind !== "handoff") return undefined;
  return {
    v: 1,
    relayId: record.relayId,
    taskId: record.taskId,
    hop: record.hop,
    fromAgent: record.fromAgent,
    toAgent: record.decision.to,
    contextKey: environment.keys.slot(record.taskId, record.hop),
    handoffSha256: sha256,
    sentAt: timestamp(environment),
    generation,
  };
}

export async function sendEnvelope(environment: RelayEnvironment, envelope: Envelope): Promise<void> {
  await environment.backend.transport.send(
    { relayId: envelope.relayId, agent: envelope.toAgent },
    { body: serializeEnvelope(envelope), groupId: envelope.taskId, deduplicationId: deduplicationId(envelope) },
  );
}

/** Sends what a handoff asks to be sent, if anything. */
export async function sendNext(environment: RelayEnvironment, handoff: StoredHandoff): Promise<void> {
  const envelope = envelopeFor(environment, handoff);
  if (envelope !== undefined) await sendEnvelope(environment, envelope);
}
