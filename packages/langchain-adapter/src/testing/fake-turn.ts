import { createHash } from "node:crypto";
import type {
  Context,
  Decision,
  DecisionOptions,
  Entry,
  HandoffRecord,
  NewEntry,
  Turn,
  TurnDecision,
  TurnResult,
} from "@agenthandoff/core";

type Value = Omit<NewEntry & { value: unknown }, "kind"> & { kind: Entry["kind"]; name?: string };

export interface FakeHop {
  readonly from: string | null;
  readonly decision: Decision;
  readonly entries?: readonly Partial<Value>[];
}

/** A context as core makes it, from hops written by hand. */
export function fakeContext(hops: readonly FakeHop[]): Context {
  const handoffs = hops.map(
    ({ from, decision }, hop): HandoffRecord => ({
      v: 1,
      requires: [],
      relayId: "relay",
      taskId: "task-1",
      hop,
      step: hop,
      fromAgent: from,
      createdAt: "2026-01-01T00:00:00.000Z",
      commitId: `commit-${hop}`,
      previous: null,
      origin: null,
      attempt: null,
      decision,
      usage: null,
      classes: [],
      blobs: [],
    }),
  );
  const entries = hops.flatMap(({ from, entries: given = [] }, hop) =>
    given.map(
      ({ kind = "message", name, value }, index): Entry => ({
        id: `${hop}.${index}`,
        hop,
        index,
        agent: from,
        kind,
        name,
        value,
      }),
    ),
  );
  const last = handoffs.at(-1);
  const of =
    (kind: Entry["kind"]) =>
    (filter: { agent?: string; name?: string } = {}) =>
      entries
        .filter((entry) => entry.kind === kind)
        .filter(({ agent, name }) => (filter.agent ?? agent) === agent && (filter.name ?? name) === name);
  const values = (kind: Entry["kind"]) => (filter?: { agent?: string; name?: string }) =>
    of(kind)(filter).map(({ value }) => value);
  return {
    relayId: "relay",
    taskId: "task-1",
    hop: hops.length - 1,
    step: hops.length - 1,
    from: last?.fromAgent ?? null,
    reason: last !== undefined && "reason" in last.decision ? last.decision.reason : undefined,
    handoffs,
    entries,
    input: entries.find(({ kind }) => kind === "input")?.value,
    metadata: undefined,
    answer: entries.find(({ kind, hop }) => kind === "answer" && hop === hops.length - 1)?.value,
    messages: values("message"),
    outputs: values("output"),
    latest: (agent) => values("output")({ agent }).at(-1),
    state: (name, filter) => values("state")({ ...filter, name }).at(-1),
    artifacts: () => [],
    artifact: () => undefined,
    toMarkdown: () => "",
  } as Context;
}

/** What core makes of a decision: the output comes last. */
function result(decision: TurnDecision, { entries = [], output, reason, usage }: DecisionOptions = {}): TurnResult {
  const outputs: readonly NewEntry[] = output === undefined ? [] : [{ kind: "output", value: output }];
  const told = reason === undefined ? decision : { ...decision, reason };
  return { decision: told, entries: [...entries, ...outputs], usage } as unknown as TurnResult;
}

export interface FakeTurn extends Turn {
  readonly abort: AbortController;
}

export function fakeTurn(hops: readonly FakeHop[] = [started("go")]): FakeTurn {
  const abort = new AbortController();
  const occurrences = new Map<string, number>();
  return {
    handoff: (to, options) => result({ kind: "handoff", to }, options),
    complete: (options) => result({ kind: "complete" }, options),
    fail: (options) => result({ kind: "fail", reason: options.reason, error: options.error }, options),
    wait: (options) => result({ kind: "wait", question: options?.question }, options),
    context: fakeContext(hops),
    abort,
    signal: abort.signal,
    attempt: { id: "attempt-1", number: 1 },
    idempotencyKey(tool, args) {
      const call = JSON.stringify([tool, args]);
      const occurrence = occurrences.get(call) ?? 0;
      occurrences.set(call, occurrence + 1);
      return createHash("sha256").update(`${call}#${occurrence}`).digest("hex");
    },
  };
}

/** Hop 0: the caller's request. */
export function started(input: unknown, to = "research"): FakeHop {
  return { from: null, decision: { kind: "handoff", to }, entries: [{ kind: "input", value: input }] };
}

/** The hop that a result would become. */
export function hopOf(agent: string, result: TurnResult): FakeHop {
  return { from: agent, decision: decisionOf(result), entries: result.entries as readonly Partial<Value>[] };
}

function decisionOf({ decision }: TurnResult): FakeHop["decision"] {
  if (decision.kind === "wait") return { kind: "wait", on: { kind: "answer" } };
  return decision.kind === "fail" ? { kind: "fail", reason: decision.reason } : decision;
}

/** The hop of a person's answer. */
export function answered(answer: unknown, to: string): FakeHop {
  return { from: null, decision: { kind: "handoff", to }, entries: [{ kind: "answer", value: answer }] };
}

export function entriesOf(result: TurnResult, kind: NewEntry["kind"]): readonly unknown[] {
  return result.entries.filter((entry) => entry.kind === kind).map((entry) => ("value" in entry ? entry.value : entry));
}
