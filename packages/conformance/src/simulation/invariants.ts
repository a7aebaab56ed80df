import type { AuditEvent, AuditLog, ContextStore, Intent } from "@agenthandoff/core";
import type { Effect } from "./effect.js";
import { type ReadHandoff, readSegment } from "./read-segment.js";
import { PRODUCERS_PREFIX } from "./workload.js";

/** An invariant that did not hold. */
export interface Violation {
  /** I1 … I13 of the design, or the name of an added check. */
  readonly invariant: string;
  readonly what: string;
  readonly at: number;
}

/** A handoff, and what was known when it was committed. */
export interface CommittedHandoff extends ReadHandoff {
  /** Runs of the hop before it that counted then: one that is taken back later was still counted. */
  readonly attemptsBefore: number;
}

interface WatchedSlot {
  readonly handoff: CommittedHandoff;
}

export interface ReceivedMessage {
  readonly toAgent: string;
  readonly hop: number;
  readonly handoffSha256: string;
  /** Whether the slot after its hop was filled by then. */
  readonly passed: boolean;
}

/** Follows every effect on the data and says what may not be. */
export interface Invariants {
  readonly violations: readonly Violation[];
  observe(effect: Effect): Promise<void>;
  violate(invariant: string, what: string): void;
  /** The handoffs of a task, as they were committed. */
  chainOf(taskId: string): readonly CommittedHandoff[];
  /** Tells that a task may be erased from now on. */
  allowErasure(taskId: string): void;
  isErased(taskId: string): boolean;
  messagesOf(taskId: string, hop: number): number;
  /** What was known when a message was received; undefined: none was received under this id. */
  deliveryOf(id: string): ReceivedMessage | undefined;
}

export interface InvariantOptions {
  readonly relayId: string;
  readonly audit: AuditLog;
  readonly now: () => number;
}

/** An intent lives for an hour; clocks are minutes off, and telling the audit of it may have taken minutes. */
const PUT_MAY_ARRIVE_MS = 20 * 60_000;

const SLOT = /^([a-z0-9-]+)\/slots\/([^/]+)\/(\d{10})\.ndjson\.gz$/;

export function createInvariants({ relayId, audit, now }: InvariantOptions): Invariants {
  const violations: Violation[] = [];
  const slots = new Map<string, Map<number, WatchedSlot>>();
  const sent = new Map<string, number>();
  const received = new Map<string, ReceivedMessage>();
  const rows = new Map<string, number>();
  const intents = new Map<string, { readonly intent: Intent; readonly at: number }>();
  const erasable = new Set<string>();
  const violate = (invariant: string, what: string) => void violations.push({ invariant, what, at: now() });
  const slotOf = (taskId: string, hop: number) => slots.get(taskId)?.get(hop);

  async function onPut(key: string, bytes: Uint8Array): Promise<void> {
    const match = SLOT.exec(key);
    if (match?.[2] === undefined) return;
    const [taskId, hop] = [match[2], Number(match[3])];
    const chain = slots.get(taskId) ?? new Map<number, WatchedSlot>();
    slots.set(taskId, chain);
    const handoff = readSegment(bytes, hop);
    if (chain.has(hop)) violate("I1", `slot ${hop} of ${taskId} was filled twice`);
    const before = chain.get(hop - 1)?.handoff;
    if (hop > 0 && before === undefined)
      violate("I2", `slot ${hop} of ${taskId} was filled while slot ${hop - 1} is empty`);
    if (before !== undefined && handoff.previous !== before.sha256)
      violate("I2", `slot ${hop} of ${taskId} does not name the hash of hop ${hop - 1}`);
    if (before !== undefined && (before.decision.kind === "complete" || before.decision.kind === "cancel"))
      violate("I9", `slot ${hop} of ${taskId} follows a final decision`);
    if (before?.decision.kind === "handoff" && handoff.attempt === null && handoff.decision.kind === "handoff")
      violate("I13", `slot ${hop} of ${taskId} hands on what somebody was to execute, though no agent did`);
    if (handoff.requestId !== undefined) {
      const twin = [...chain.values()].find((slot) => slot.handoff.requestId === handoff.requestId);
      if (twin !== undefined)
        violate("I13", `one request was applied to ${taskId} twice, at hops ${twin.handoff.hop} and ${hop}`);
    }
    chain.set(hop, { handoff: { ...handoff, attemptsBefore: 0 } });
    const attemptsBefore = countedAttempts(await eventsOf(taskId, hop - 1));
    chain.set(hop, { handoff: { ...handoff, attemptsBefore } });
  }

  function onOverwrite(key: string): void {
    const match = SLOT.exec(key);
    if (match?.[2] !== undefined && !erasable.has(match[2]))
      violate("I1", `a slot of ${match[2]} was overwritten, and nobody asked for its erasure`);
  }

  async function onSend(body: string): Promise<void> {
    const envelope = envelopeOf(body);
    if (envelope === undefined) return;
    const key = `${envelope.task_id} ${envelope.hop}`;
    sent.set(key, (sent.get(key) ?? 0) + 1);
    const slot = slotOf(envelope.task_id, envelope.hop);
    if (slot?.handoff.sha256 !== envelope.handoff_sha256)
      violate(
        "sent-what-is-committed",
        `hop ${envelope.hop} of ${envelope.task_id} was sent but is not what its slot holds`,
      );
    if (!(await eventsOf(envelope.task_id, envelope.hop)).some((event) => event.kind === "committed")) {
      violate("audited-before-sent", `hop ${envelope.hop} of ${envelope.task_id} was sent before the audit told of it`);
    }
  }

  async function onAcknowledge(body: string, delivery: string): Promise<void> {
    const envelope = envelopeOf(body);
    if (envelope === undefined) return onAccepted(body);
    const { task_id: taskId, hop } = envelope;
    const refused = (await eventsOf(taskId, hop)).some(
      (event) => (event.kind === "refused" || event.kind === "rejected") && event.detail.delivery === delivery,
    );
    if (refused) return;
    const next = slotOf(taskId, hop + 1)?.handoff;
    if (next === undefined) {
      if (!erasable.has(taskId))
        violate("I3", `hop ${hop} of ${taskId} was acknowledged while slot ${hop + 1} is empty`);
      return;
    }
    if (
      next.decision.kind === "handoff" &&
      !sent.has(`${taskId} ${hop + 1}`) &&
      slotOf(taskId, hop + 2) === undefined
    ) {
      violate("I3", `hop ${hop} of ${taskId} was acknowledged before hop ${hop + 1} was sent`);
    }
  }

  /** Of a producer's message, which starts its task. */
  function onAccepted(body: string): void {
    const { task_id: taskId } = JSON.parse(body) as { task_id: string };
    if (erasable.has(taskId)) return;
    if (slotOf(taskId, 0) === undefined)
      violate("I3", `the object that starts ${taskId} was acknowledged while slot 0 is empty`);
    else if (!sent.has(`${taskId} 0`) && slotOf(taskId, 1) === undefined)
      violate("I3", `the object that starts ${taskId} was acknowledged before hop 0 was sent`);
  }

  function onDeliver(body: string, delivery: string): void {
    const envelope = envelopeOf(body);
    if (envelope === undefined) return;
    const { task_id: taskId, to_agent: toAgent, hop, handoff_sha256: handoffSha256 } = envelope;
    received.set(delivery, { toAgent, hop, handoffSha256, passed: slotOf(taskId, hop + 1) !== undefined });
  }

  async function onAppend(taskId: string): Promise<void> {
    const stoodAt = rows.get(taskId) ?? -1;
    const headHop = (await audit.task(relayId, taskId))?.headHop ?? -1;
    if (headHop < stoodAt) violate("I8", `the row of ${taskId} went back from hop ${stoodAt} to ${headHop}`);
    rows.set(taskId, Math.max(stoodAt, headHop));
  }

  function onSettle(intentId: string, byOwner: boolean): void {
    const found = intents.get(intentId);
    if (found === undefined || byOwner || found.intent.operation === "erase") return;
    const { taskId, requestId, operation } = found.intent;
    const isDone = [...(slots.get(taskId)?.values() ?? [])].some(({ handoff }) => handoff.requestId === requestId);
    if (!isDone && now() - found.at < PUT_MAY_ARRIVE_MS)
      violate("intents", `the intent to ${operation} ${taskId} was closed while its put might still arrive`);
  }

  async function eventsOf(taskId: string, hop: number): Promise<AuditEvent[]> {
    const events: AuditEvent[] = [];
    for await (const event of audit.events(relayId, taskId, { hop })) events.push(event);
    return events;
  }

  return {
    violations,
    violate,
    async observe(effect) {
      if ("key" in effect && ![`${relayId}/`, PRODUCERS_PREFIX].some((own) => effect.key.startsWith(own)))
        violate("I10", `${effect.key} was touched, outside of the relay's own keys`);
      if (effect.kind === "put" && effect.answer === "created") await onPut(effect.key, effect.bytes);
      if (effect.kind === "overwrite" || effect.kind === "delete") onOverwrite(effect.key);
      if (effect.kind === "misconduct") violate(effect.invariant, effect.what);
      if (effect.kind === "send") await onSend(effect.body);
      if (effect.kind === "deliver") onDeliver(effect.body, effect.delivery);
      if (effect.kind === "intend" && !intents.has(effect.intent.intentId))
        intents.set(effect.intent.intentId, { intent: effect.intent, at: now() });
      if (effect.kind === "settle") onSettle(effect.intentId, effect.byOwner);
      if (effect.kind === "append") await onAppend(effect.taskId);
      if (effect.kind === "acknowledge" && effect.answer === "done") await onAcknowledge(effect.body, effect.delivery);
    },
    chainOf: (taskId) =>
      [...(slots.get(taskId)?.values() ?? [])].map((slot) => slot.handoff).sort((a, b) => a.hop - b.hop),
    allowErasure: (taskId) => void erasable.add(taskId),
    isErased: (taskId) => erasable.has(taskId),
    deliveryOf: (id) => received.get(id),
    messagesOf: (taskId, hop) => sent.get(`${taskId} ${hop}`) ?? 0,
  };
}

interface Envelope {
  readonly task_id: string;
  readonly to_agent: string;
  readonly hop: number;
  readonly handoff_sha256: string;
}

/** `undefined`: the message of a producer, which is none. */
function envelopeOf(body: string): Envelope | undefined {
  const message = JSON.parse(body) as Envelope | { readonly v?: undefined };
  return "hop" in message ? message : undefined;
}

/** Runs that were started and not taken back. */
export function countedAttempts(events: readonly AuditEvent[]): number {
  const takenBack = new Set(
    events.filter(({ kind }) => kind === "attempt_released").map(({ detail }) => detail.attempt),
  );
  return events.filter(({ kind, detail }) => kind === "attempt_started" && !takenBack.has(detail.attempt)).length;
}

/** Checks that what is stored now is what was committed: bytes never change, erasure apart. */
export async function checkStored(
  invariants: Invariants,
  store: ContextStore,
  relayId: string,
  taskId: string,
): Promise<void> {
  for (const handoff of invariants.chainOf(taskId)) {
    const bytes = await store.get(`${relayId}/slots/${taskId}/${String(handoff.hop).padStart(10, "0")}.ndjson.gz`);
    const now = bytes === undefined ? undefined : readSegment(bytes, handoff.hop);
    if (now?.sha256 !== handoff.sha256 && !(now?.erased && invariants.isErased(taskId)))
      invariants.violate("I1", `slot ${handoff.hop} of ${taskId} no longer holds what was committed`);
  }
}
