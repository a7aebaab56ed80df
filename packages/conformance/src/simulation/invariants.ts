import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { AuditEvent, AuditLog, ContextStore, Decision } from "@agenthandoff/core";
import type { Effect } from "./process.js";

/** An invariant that did not hold. */
export interface Violation {
  /** I1 … I13 of the design, or the name of an added check. */
  readonly invariant: string;
  readonly what: string;
  readonly at: number;
}

/** A handoff as anybody can read it: `gunzip -c | tail`. The checker reads the bytes itself, not with the code it checks. */
export interface ReadHandoff {
  readonly hop: number;
  readonly sha256: string;
  readonly previous: string | null;
  readonly attempt: string | null;
  readonly requestId: string | undefined;
  readonly decision: Decision;
  readonly erased: boolean;
  /** Whether only the newer version understands it. */
  readonly newer: boolean;
}

/** A handoff, and what was known when it was committed. */
export interface CommittedHandoff extends ReadHandoff {
  /** Runs of the hop before it that counted then: one that is taken back later was still counted. */
  readonly attemptsBefore: number;
}

interface WatchedSlot {
  readonly handoff: CommittedHandoff;
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
}

export interface InvariantOptions {
  readonly relayId: string;
  readonly audit: AuditLog;
  readonly now: () => number;
}

const SLOT = /^([a-z0-9-]+)\/slots\/([^/]+)\/(\d{10})\.ndjson\.gz$/;

export function createInvariants({ relayId, audit, now }: InvariantOptions): Invariants {
  const violations: Violation[] = [];
  const slots = new Map<string, Map<number, WatchedSlot>>();
  const sent = new Map<string, number>();
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
    const envelope = JSON.parse(body) as { task_id: string; hop: number; handoff_sha256: string };
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
    const { task_id: taskId, hop } = JSON.parse(body) as { task_id: string; hop: number };
    const next = slotOf(taskId, hop + 1)?.handoff;
    if (next === undefined) {
      const refused = (await eventsOf(taskId, hop)).some(
        (event) => (event.kind === "refused" || event.kind === "rejected") && event.detail.delivery === delivery,
      );
      if (!refused && !erasable.has(taskId))
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

  async function eventsOf(taskId: string, hop: number): Promise<AuditEvent[]> {
    const events: AuditEvent[] = [];
    for await (const event of audit.events(relayId, taskId, { hop })) events.push(event);
    return events;
  }

  return {
    violations,
    violate,
    async observe(effect) {
      if ("key" in effect && !effect.key.startsWith(`${relayId}/`))
        violate("I10", `${effect.key} was touched, outside of the relay's own keys`);
      if (effect.kind === "put" && effect.answer === "created") await onPut(effect.key, effect.bytes);
      if (effect.kind === "overwrite" || effect.kind === "delete") onOverwrite(effect.key);
      if (effect.kind === "misconduct") violate(effect.invariant, effect.what);
      if (effect.kind === "send") await onSend(effect.body);
      if (effect.kind === "acknowledge" && effect.answer === "done") await onAcknowledge(effect.body, effect.delivery);
    },
    chainOf: (taskId) =>
      [...(slots.get(taskId)?.values() ?? [])].map((slot) => slot.handoff).sort((a, b) => a.hop - b.hop),
    allowErasure: (taskId) => void erasable.add(taskId),
    isErased: (taskId) => erasable.has(taskId),
    messagesOf: (taskId, hop) => sent.get(`${taskId} ${hop}`) ?? 0,
  };
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

export function readSegment(bytes: Uint8Array, hop: number): ReadHandoff {
  const text = gunzipSync(bytes).toString("utf8");
  const firstEnd = text.indexOf("\n");
  const header = JSON.parse(text.slice(0, firstEnd)) as {
    erased?: boolean;
    frames: readonly (readonly [number, number])[];
  };
  const own = header.frames.at(-1);
  if (header.erased || own === undefined)
    return {
      hop,
      sha256: "",
      previous: null,
      attempt: null,
      requestId: undefined,
      decision: { kind: "cancel" },
      erased: true,
      newer: false,
    };
  const unpacked = Buffer.from(text, "utf8");
  const raw = unpacked.subarray(unpacked.length - own[1]);
  const record = JSON.parse(raw.subarray(0, raw.indexOf(10)).toString("utf8")) as {
    previous: string | null;
    attempt: string | null;
    request_id?: string;
    decision: Decision;
    v: number;
    requires: readonly string[];
    classes: readonly string[];
  };
  return {
    hop,
    sha256: createHash("sha256").update(raw).digest("hex"),
    previous: record.previous,
    attempt: record.attempt,
    requestId: record.request_id,
    decision: record.decision,
    erased: false,
    newer: record.v > 1 || record.requires.length > 0 || record.classes.length > 0,
  };
}
