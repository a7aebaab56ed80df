import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Decision, type HandoffRecord, parseAnyTaskId } from "../../protocol/index.js";
import { SAMPLE_IDENTITY, sampleChain } from "../../protocol/testing/sample-chain.js";
import {
  type AttemptSubject,
  attemptFailed,
  attemptReleased,
  attemptStarted,
  committedEvent,
  countAttempts,
  damageChanged,
  deliveryFinding,
  erased,
  KEPT_AT_ERASURE,
  NO_TASK,
  resent,
  rowOf,
  superseded,
} from "./events.js";

const subject = (attempt: string): AttemptSubject => ({
  relayId: "relay",
  taskId: "t",
  hop: 0,
  agent: "qa",
  attempt,
  at: "2026-01-01T00:00:00.000Z",
});

const endings = {
  none: () => [],
  failed: (attempt: string) => [attemptFailed(subject(attempt), { name: "Error", message: "no" })],
  released: (attempt: string) => [attemptReleased(subject(attempt), "drained")],
  superseded: (attempt: string) => [superseded(subject(attempt), "somebody")],
} as const;

describe("attempts", () => {
  it("count when they started and were not taken back, in whatever order their events are read", () => {
    const endingName = fc.constantFrom(...(Object.keys(endings) as (keyof typeof endings)[]));
    fc.assert(
      fc.property(fc.array(endingName, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (kinds, chance) => {
        const events = kinds.flatMap((kind, index) => [
          attemptStarted(subject(`1.${index}`), undefined),
          ...endings[kind](`1.${index}`),
        ]);
        const shuffled = events.map((event) => ({ event, at: chance.next().value })).toSorted((a, b) => a.at - b.at);
        expect(countAttempts(shuffled.map(({ event }) => event))).toEqual({
          counted: kinds.filter((kind) => kind !== "released").length,
          openEnded: kinds.includes("none"),
        });
      }),
    );
  });

  it("do not count without a start: one that was taken back although its start was never written is nothing", () => {
    expect(countAttempts([...endings.released("1.1"), ...endings.failed("1.2")])).toEqual({
      counted: 0,
      openEnded: false,
    });
  });
});

describe("an event's id", () => {
  it("is the same for the same happening, and another for each attempt and kind", () => {
    const ids = [
      attemptStarted(subject("1.1"), "v1"),
      attemptStarted({ ...subject("1.1"), at: "2026-02-02T00:00:00.000Z" }, "v2"),
      attemptStarted(subject("1.2"), "v1"),
      ...endings.failed("1.1"),
      ...endings.released("1.1"),
      attemptStarted({ ...subject("1.1"), hop: 1 }, "v1"),
    ].map(({ id }) => id);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(5);
  });

  it("fits, however long a delivery's id is", () => {
    expect(attemptStarted(subject("m".repeat(1_000)), undefined).id.length).toBeLessThanOrEqual(256);
  });
});

/** The handoff of hop 1, in which qa decides. */
function handoffOf(decision: Decision, given: Partial<HandoffRecord> = {}) {
  const [, handoff] = sampleChain([{ decision: { kind: "handoff", to: "qa" } }, { decision, ...given }]);
  if (handoff === undefined) throw new Error("no handoff");
  return handoff;
}

describe("the event of a commit", () => {
  it("tells who decided what, and binds it to the handoff by its hash", () => {
    const handoff = handoffOf(
      { kind: "handoff", to: "code", reason: "fix it" },
      { requestId: "r-1", by: "ann", agentVersion: "v2", usage: { inputTokens: 7 } },
    );
    const { sha256, record } = handoff;
    expect(committedEvent(handoff)).toEqual({
      id: "0000000001#committed",
      ...SAMPLE_IDENTITY,
      hop: 1,
      kind: "committed",
      at: record.createdAt,
      agent: "qa",
      detail: {
        decision: "handoff",
        from: "qa",
        to: "code",
        reason: "fix it",
        sha256,
        previous: record.previous,
        step: 1,
        attempt: "message-1.1",
        by: "ann",
        request_id: "r-1",
        agent_version: "v2",
        usage: { inputTokens: 7 },
      },
    });
  });

  it("leaves out what nobody said, and names no agent where none decided", () => {
    const { sha256, record } = handoffOf({ kind: "cancel" });
    expect(committedEvent(handoffOf({ kind: "cancel" }))).toEqual({
      id: "0000000001#committed",
      ...SAMPLE_IDENTITY,
      hop: 1,
      kind: "committed",
      at: record.createdAt,
      detail: { decision: "cancel", from: null, sha256, previous: record.previous, step: 1, attempt: null },
    });
  });

  it("of a failure tells its error, with a code where there is one", () => {
    const failure = (error: { name: string; message: string; code?: string }) =>
      committedEvent(handoffOf({ kind: "fail", reason: "no", error })).detail;
    expect(failure({ name: "TypeError", message: "bad" }).error).toEqual({ name: "TypeError", message: "bad" });
    expect(failure({ name: "E", message: "bad", code: "X" }).error).toEqual({ name: "E", message: "bad", code: "X" });
    expect(committedEvent(handoffOf({ kind: "fail", reason: "no" })).detail).not.toHaveProperty("error");
  });

  it("is bounded, however much the record says", () => {
    const long = "x".repeat(100_000);
    const decision = { kind: "fail", reason: long, error: { name: "E", message: long } } as const;
    const { detail } = committedEvent(handoffOf(decision, { by: long }));
    for (const text of [detail.reason, detail.by, (detail.error as { message: string }).message])
      expect(text).toHaveLength(1_024);
  });
});

describe("the row of a task", () => {
  it.each<[Decision, string, string]>([
    [{ kind: "handoff", to: "code" }, "running", "code"],
    [{ kind: "wait", on: { kind: "answer" } }, "waiting", "qa"],
    [{ kind: "fail", reason: "no" }, "failed", "qa"],
    [{ kind: "complete" }, "completed", "qa"],
  ])("after %o says where it is: %s, with %s", (decision, status, agent) => {
    const handoff = handoffOf(decision);
    expect(rowOf(handoff)).toEqual({
      ...SAMPLE_IDENTITY,
      status,
      headHop: 1,
      headSha256: handoff.sha256,
      agent,
      updatedAt: handoff.record.createdAt,
      damaged: false,
    });
  });
});

describe("the events of a run", () => {
  const run = subject("m.1");
  it.each([
    ["its start", attemptStarted(run, "v1"), { kind: "attempt_started", detail: { agent_version: "v1" } }],
    ["its start without a version", attemptStarted(run, undefined), { kind: "attempt_started", detail: {} }],
    [
      "its failure, and what it cost",
      attemptFailed(run, { name: "E", message: "no", code: "X" }, { inputTokens: 1 }),
      {
        kind: "attempt_failed",
        detail: { error: { name: "E", message: "no", code: "X" }, usage: { inputTokens: 1 } },
      },
    ],
    [
      "its being taken back",
      attemptReleased(run, "drained"),
      { kind: "attempt_released", detail: { reason: "drained" } },
    ],
    ["its coming too late", superseded(run, "abc"), { kind: "superseded", detail: { by: "abc" } }],
  ])("tell of %s", (_what, event, { kind, detail }) => {
    const { attempt, ...about } = run;
    expect(event).toEqual({ ...about, id: `0000000000#${kind}#m.1`, kind, detail: { attempt, ...detail } });
  });

  it("are bounded in what they say", () => {
    expect(attemptReleased(run, "x".repeat(5_000)).detail.reason).toHaveLength(1_024);
  });
});

describe("the events of what is found", () => {
  const about = { ...SAMPLE_IDENTITY, hop: 3, at: "2026-01-01T00:00:00.000Z" };

  it("tell of a message: each delivery by itself", () => {
    const finding = { ...about, agent: "qa", delivery: "m.2" };
    expect(deliveryFinding("refused", finding, "it is not the head")).toEqual({
      ...about,
      id: "0000000003#refused#m.2",
      kind: "refused",
      agent: "qa",
      detail: { reason: "it is not the head", delivery: "m.2" },
    });
    expect(deliveryFinding("rejected", finding, "x".repeat(5_000)).detail.reason).toHaveLength(1_024);
  });

  it("stand under a name that no task can have, where a message names none", () => {
    expect(NO_TASK).not.toBe("");
    expect(() => parseAnyTaskId(NO_TASK)).toThrow();
  });

  it("tell of an envelope sent again: each generation by itself", () => {
    const envelope = {
      v: 1,
      ...SAMPLE_IDENTITY,
      hop: 3,
      fromAgent: null,
      toAgent: "qa",
      contextKey: "key",
      handoffSha256: "0".repeat(64),
      sentAt: about.at,
      generation: 2,
    } as const;
    expect(resent(envelope)).toEqual({
      ...about,
      id: "0000000003#resent#2",
      kind: "resent",
      agent: "qa",
      detail: { generation: 2, to: "qa" },
    });
  });

  it("tell of damage and of its end, each time it is found", () => {
    const id = (kind: string) => `0000000003#${kind}#reconcile-${about.at}`;
    expect(damageChanged("damaged", about, "a gap")).toEqual({
      ...about,
      id: id("damaged"),
      kind: "damaged",
      detail: { reason: "a gap" },
    });
    expect(damageChanged("repaired", about)).toEqual({ ...about, id: id("repaired"), kind: "repaired", detail: {} });
    expect(damageChanged("damaged", about, "x".repeat(5_000)).detail.reason).toHaveLength(1_024);
  });

  it("tell of an erasure once, and by whom", () => {
    expect(erased(about, "ann")).toEqual({ ...about, id: "0000000003#erased", kind: "erased", detail: { by: "ann" } });
    expect(erased(about, undefined).detail).toEqual({});
  });
});

describe("an erasure", () => {
  it("leaves of an event what proves the chain, and no text that anybody wrote", () => {
    const handoff = handoffOf(
      { kind: "fail", reason: "secret", error: { name: "E", message: "secret" } },
      { by: "secret", requestId: "secret", agentVersion: "v2", usage: { inputTokens: 7 } },
    );
    const { detail } = committedEvent(handoff);
    const kept = Object.fromEntries(Object.entries(detail).filter(([name]) => KEPT_AT_ERASURE.includes(name)));
    expect(Object.keys(kept)).toEqual([
      "decision",
      "from",
      "sha256",
      "previous",
      "step",
      "attempt",
      "agent_version",
      "usage",
    ]);
    expect(JSON.stringify(kept)).not.toContain("secret");
    expect(KEPT_AT_ERASURE).toEqual(expect.arrayContaining(["to", "generation"]));
  });
});
