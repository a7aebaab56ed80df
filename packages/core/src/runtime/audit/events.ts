import type { Json } from "../../codec/index.js";
import type { AuditEvent, TaskRow } from "../../ports/index.js";
import { type Envelope, type ErrorSummary, type StoredHandoff, slotName, stateAfter } from "../../protocol/index.js";
import { shorten } from "../shorten.js";

// Events have deterministic ids and take their content from what happened, not from who tells it: writing one twice
// is harmless, and whoever finds one missing can write it.

/** Members of `detail` that survive an erasure: hashes and names, no texts. */
export const KEPT_AT_ERASURE: readonly string[] = [
  "decision",
  "from",
  "to",
  "sha256",
  "previous",
  "attempt",
  "step",
  "generation",
  "agent_version",
  "usage",
];

/** For what arrived without a usable task id. No task can have this id. */
export const NO_TASK = "-";

const MAX_REASON_CHARACTERS = 1_024;

const bounded = (text: string): string => shorten(text, MAX_REASON_CHARACTERS);

function eventId(hop: number, kind: string, occurrence?: string): string {
  const place = slotName(hop).slice(0, 10);
  return occurrence === undefined ? `${place}#${kind}` : `${place}#${kind}#${occurrence.slice(0, 180)}`;
}

type Detail = Record<string, Json | undefined>;

function event(parts: {
  relayId: string;
  taskId: string;
  hop: number;
  kind: string;
  occurrence?: string;
  at: string;
  agent?: string | null | undefined;
  detail: Detail;
}): AuditEvent {
  const detail: Record<string, Json> = {};
  for (const [name, value] of Object.entries(parts.detail)) if (value !== undefined) detail[name] = value;
  return {
    id: eventId(parts.hop, parts.kind, parts.occurrence),
    relayId: parts.relayId,
    taskId: parts.taskId,
    hop: parts.hop,
    kind: parts.kind,
    at: parts.at,
    ...(parts.agent === undefined || parts.agent === null ? {} : { agent: parts.agent }),
    detail,
  };
}

/** A slot was filled. Told from the slot alone. */
export function committedEvent(handoff: StoredHandoff): AuditEvent {
  const { record, sha256 } = handoff;
  const { decision } = record;
  return event({
    relayId: record.relayId,
    taskId: record.taskId,
    hop: record.hop,
    kind: "committed",
    at: record.createdAt,
    agent: record.fromAgent,
    detail: {
      decision: decision.kind,
      from: record.fromAgent,
      to: decision.kind === "handoff" ? decision.to : undefined,
      reason: decision.reason === undefined ? undefined : bounded(decision.reason),
      error: decision.kind === "fail" && decision.error !== undefined ? errorDetail(decision.error) : undefined,
      sha256,
      previous: record.previous,
      step: record.step,
      attempt: record.attempt,
      by: record.by === undefined ? undefined : bounded(record.by),
      request_id: record.requestId,
      agent_version: record.agentVersion,
      usage: record.usage === null ? undefined : ({ ...record.usage } as Json),
    },
  });
}

/** The row of a task whose head this is. */
export function rowOf(handoff: StoredHandoff): TaskRow {
  const { record, sha256 } = handoff;
  return {
    relayId: record.relayId,
    taskId: record.taskId,
    status: stateAfter(record.decision),
    headHop: record.hop,
    headSha256: sha256,
    agent: record.decision.kind === "handoff" ? record.decision.to : record.fromAgent,
    updatedAt: record.createdAt,
    damaged: false,
  };
}

/** One run of an agent. */
export interface AttemptSubject {
  readonly relayId: string;
  readonly taskId: string;
  readonly hop: number;
  readonly agent: string;
  readonly attempt: string;
  readonly at: string;
}

const attemptEvent = (subject: AttemptSubject, kind: string, detail: Detail = {}): AuditEvent =>
  event({ ...subject, kind, occurrence: subject.attempt, detail: { attempt: subject.attempt, ...detail } });

export const attemptStarted = (subject: AttemptSubject, agentVersion: string | undefined): AuditEvent =>
  attemptEvent(subject, "attempt_started", { agent_version: agentVersion });

export const attemptFailed = (subject: AttemptSubject, error: ErrorSummary, usage?: Json): AuditEvent =>
  attemptEvent(subject, "attempt_failed", { error: errorDetail(error), usage });

/** The run ended through no fault of the agent: it is not counted. */
export const attemptReleased = (subject: AttemptSubject, reason: string): AuditEvent =>
  attemptEvent(subject, "attempt_released", { reason: bounded(reason) });

/** The run ended, but somebody else had decided the hop. */
export const superseded = (subject: AttemptSubject, by: string): AuditEvent =>
  attemptEvent(subject, "superseded", { by });

export type DeliveryFinding = "rejected" | "refused" | "not_understood" | "damaged";

/** Something is wrong with a message, or with what it points at. */
export function deliveryFinding(
  kind: DeliveryFinding,
  subject: { relayId: string; taskId: string; hop: number; agent: string; delivery: string; at: string },
  reason: string,
): AuditEvent {
  return event({
    ...subject,
    kind,
    occurrence: subject.delivery,
    detail: { reason: bounded(reason), delivery: subject.delivery },
  });
}

/** What the reconciler found or did. */
export function resent(envelope: Envelope): AuditEvent {
  const { relayId, taskId, hop, generation, sentAt, toAgent } = envelope;
  return event({
    relayId,
    taskId,
    hop,
    kind: "resent",
    occurrence: String(generation),
    at: sentAt,
    agent: toAgent,
    detail: { generation, to: toAgent },
  });
}

export function damageChanged(
  kind: "damaged" | "repaired",
  subject: { relayId: string; taskId: string; hop: number; at: string },
  reason?: string,
): AuditEvent {
  return event({
    ...subject,
    kind,
    occurrence: `reconcile-${subject.at}`,
    detail: { reason: reason === undefined ? undefined : bounded(reason) },
  });
}

export function erased(
  subject: { relayId: string; taskId: string; hop: number; at: string },
  by: string | undefined,
): AuditEvent {
  return event({ ...subject, kind: "erased", detail: { by } });
}

function errorDetail(error: ErrorSummary): Json {
  return {
    name: error.name,
    message: bounded(error.message),
    ...(error.code === undefined ? {} : { code: error.code }),
  };
}

/** What is known of the runs of one handoff. */
export interface AttemptCount {
  /** Runs that count: started, and not taken back. */
  readonly counted: number;
  /** Some run started and nothing is known of its end: its process may have died of it. */
  readonly openEnded: boolean;
}

const OUTCOMES: ReadonlySet<string> = new Set(["attempt_failed", "attempt_released", "superseded"]);

/** Counts the runs of one handoff from the events of its hop. */
export function countAttempts(events: readonly AuditEvent[]): AttemptCount {
  const ended = new Map<string, string>();
  const started = new Set<string>();
  for (const { kind, detail } of events) {
    const { attempt } = detail;
    if (typeof attempt !== "string") continue;
    if (kind === "attempt_started") started.add(attempt);
    else if (OUTCOMES.has(kind)) ended.set(attempt, kind);
  }
  let counted = 0;
  let openEnded = false;
  for (const attempt of started) {
    if (ended.get(attempt) !== "attempt_released") counted++;
    if (!ended.has(attempt)) openEnded = true;
  }
  return { counted, openEnded };
}
