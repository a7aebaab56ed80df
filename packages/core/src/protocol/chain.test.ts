import { describe, expect, it } from "vitest";
import { ContextIntegrityError } from "../errors/index.js";
import { allowedOperations, taskDeadline, verifyLink } from "./chain.js";
import type { Decision, HandoffRecord, StoredHandoff } from "./handoff.js";
import { isFinal, stateAfter } from "./handoff.js";
import { parseHandoff } from "./handoff-bytes.js";
import { longChain, SAMPLE_IDENTITY, SAMPLE_START, type SampleHop, sampleChain } from "./testing/sample-chain.js";

const to = (agent: string): Decision => ({ kind: "handoff", to: agent });
const complete: Decision = { kind: "complete" };
const cancel: Decision = { kind: "cancel" };
const fail: Decision = { kind: "fail", reason: "no" };
const wait: Decision = { kind: "wait", on: { kind: "answer" } };

function verify(chain: readonly StoredHandoff[]): void {
  chain.forEach((handoff, index) => void verifyLink(chain[index - 1], handoff, SAMPLE_IDENTITY));
}

/** Checks the last link of a chain whose earlier links hold. */
function lastLink(hops: readonly SampleHop[]): () => void {
  const chain = sampleChain(hops);
  verify(chain.slice(0, -1));
  return () => verify(chain);
}

const start: SampleHop = { decision: to("code") };

describe("the chain", () => {
  it.each<[string, SampleHop[]]>([
    ["a start", [start]],
    ["handing on, also to oneself", [start, { decision: to("qa") }, { decision: to("qa") }, { decision: to("code") }]],
    ["completing", [start, { decision: complete }]],
    ["failing by a run", [start, { decision: fail }]],
    ["failing by the relay itself", [start, { decision: fail, fromAgent: null }]],
    [
      "a retry",
      [start, { decision: to("qa") }, { decision: fail }, { decision: to("qa"), step: 1 }, { decision: complete }],
    ],
    [
      "a retry of what nobody's run failed",
      [start, { decision: fail, fromAgent: null }, { decision: to("code"), step: 0 }],
    ],
    [
      "a retry of a retry",
      [
        start,
        { decision: fail },
        { decision: to("code"), step: 0 },
        { decision: fail },
        { decision: to("code"), step: 0 },
      ],
    ],
    ["waiting and resuming", [start, { decision: wait }, { decision: to("code"), by: "ann" }, { decision: complete }]],
    ["canceling a running task", [start, { decision: cancel }]],
    ["canceling a failed task", [start, { decision: fail }, { decision: cancel }]],
    ["canceling a waiting task", [start, { decision: wait }, { decision: cancel }]],
  ])("allows %s", (_, hops) => {
    expect(() => verify(sampleChain(hops))).not.toThrow();
  });

  it.each<[string, SampleHop[], string]>([
    [
      "begin with an agent's decision",
      [{ decision: to("code"), fromAgent: "research" }],
      "a task begins with a caller's handoff to an agent",
    ],
    ["begin with anything but a handoff", [{ decision: cancel }], "a task begins with a caller's handoff to an agent"],
    [
      "begin without the hash of its input",
      [{ decision: to("code"), inputSha256: undefined } as unknown as SampleHop],
      "it does not name the hash of the task's input",
    ],
    ["begin at another step", [{ ...start, step: 1 }], "its step is not its hop"],
    [
      "begin with a previous handoff",
      [{ ...start, previous: "a".repeat(64) }],
      "it does not name the hash of the handoff before it",
    ],
    [
      "go on by another agent than it was handed to",
      [start, { decision: to("qa"), fromAgent: "qa" }],
      "another agent decided than the one it was handed to",
    ],
    [
      "be handed on by nobody's run",
      [start, { decision: to("qa"), fromAgent: null }],
      "only an agent may hand on a running task",
    ],
    [
      "be completed by nobody's run",
      [start, { decision: complete, fromAgent: null }],
      "only an agent may decide to complete",
    ],
    ["wait by nobody's run", [start, { decision: wait, fromAgent: null }], "only an agent may decide to wait"],
    [
      "be retried by an agent",
      [start, { decision: fail }, { decision: to("code"), fromAgent: "code", step: 0 }],
      "no agent may act on a task that is failed",
    ],
    [
      "be resumed by an agent",
      [start, { decision: wait }, { decision: to("code"), fromAgent: "code" }],
      "no agent may act on a task that is waiting",
    ],
    [
      "be retried for another agent",
      [start, { decision: fail }, { decision: to("qa"), step: 0 }],
      "a task goes on with the agent that failed or waited",
    ],
    [
      "be resumed for another agent",
      [start, { decision: wait }, { decision: to("qa") }],
      "a task goes on with the agent that failed or waited",
    ],
    [
      "complete after it failed",
      [start, { decision: fail }, { decision: complete, fromAgent: null }],
      "only an agent may decide to complete",
    ],
    [
      "fail after it failed",
      [start, { decision: fail }, { decision: fail, fromAgent: null }],
      "only a running task can fail",
    ],
    [
      "fail while it waits",
      [start, { decision: wait }, { decision: fail, fromAgent: null }],
      "only a running task can fail",
    ],
    [
      "wait after it failed",
      [start, { decision: fail }, { decision: wait, fromAgent: null }],
      "only an agent may decide to wait",
    ],
    [
      "be retried as a new step",
      [start, { decision: fail }, { decision: to("code") }],
      "it retries, yet its step is not an earlier hop",
    ],
    [
      "be retried as the step of its failure",
      [start, { decision: fail }, { decision: to("code"), step: 1 }],
      "it retries, yet its step is not an earlier hop",
    ],
    [
      "be resumed as an earlier step",
      [start, { decision: wait }, { decision: to("code"), step: 0 }],
      "its step is not its hop",
    ],
    ["go on as an earlier step", [start, { decision: to("qa"), step: 0 }], "its step is not its hop"],
    ["go on as a later step", [start, { decision: to("qa"), step: 2 }], "its step is not its hop"],
    ["skip a hop", [start, { decision: to("qa"), hop: 2, step: 2 }], "it says that it is hop 2"],
    ["repeat a hop", [start, { decision: to("qa"), hop: 0, step: 0 }], "it says that it is hop 0"],
    ["belong to another task", [start, { decision: to("qa"), taskId: "orders-43" }], "it belongs to another task"],
    ["belong to another relay", [start, { decision: to("qa"), relayId: "other" }], "it belongs to another task"],
    [
      "name no previous handoff",
      [start, { decision: to("qa"), previous: null }],
      "it does not name the hash of the handoff before it",
    ],
    [
      "name another previous handoff",
      [start, { decision: to("qa"), previous: "a".repeat(64) }],
      "it does not name the hash of the handoff before it",
    ],
  ])("cannot %s, and whoever reads it is told", (_, hops, problem) => {
    expect(lastLink(hops)).toThrow(ContextIntegrityError);
    expect(lastLink(hops)).toThrow(`the chain of task orders-42 is damaged at hop ${hops.length - 1}: ${problem}`);
  });

  it.each([complete, cancel])("ends with $kind: nothing may follow", (last) => {
    for (const decision of [to("code"), complete, cancel, fail, wait]) {
      for (const fromAgent of [null, "code"]) {
        expect(lastLink([start, { decision: last }, { decision, fromAgent }])).toThrow(
          "nothing may follow a final decision",
        );
      }
    }
    expect(isFinal(last)).toBe(true);
  });

  it("breaks at the hop after any change to a handoff's bytes", () => {
    const chain = longChain(5);
    verify(chain);
    chain.slice(0, -1).forEach(({ raw }, hop) => {
      const changed = Buffer.from(raw);
      changed.write("H", changed.lastIndexOf("hop "));
      const forged = chain.with(hop, parseHandoff(changed));
      expect(() => verify(forged)).toThrow(`damaged at hop ${hop + 1}: it does not name the hash`);
    });
  });

  it("takes its order from its links, not from clocks, which may differ by minutes", () => {
    const earlier = new Date(SAMPLE_START - 600_000).toISOString();
    expect(() => verify(sampleChain([start, { decision: complete, createdAt: earlier }]))).not.toThrow();
  });
});

describe("what may be asked of a task", () => {
  it.each<[Decision, string, readonly string[]]>([
    [to("code"), "running", ["cancel"]],
    [fail, "failed", ["retry", "cancel"]],
    [wait, "waiting", ["resume", "cancel"]],
    [complete, "completed", []],
    [cancel, "canceled", []],
  ])("after $kind: it is %s", (decision, state, operations) => {
    expect(stateAfter(decision)).toBe(state);
    expect(allowedOperations(decision)).toEqual(operations);
    expect(isFinal(decision)).toBe(operations.length === 0);
  });

  it("is what the chain then accepts", () => {
    for (const head of [to("qa"), fail, wait, complete, cancel]) {
      const hops = [start, { decision: head }];
      const accepts = (next: SampleHop) => {
        try {
          verify(sampleChain([...hops, next]));
          return true;
        } catch {
          return false;
        }
      };
      const operations = allowedOperations(head);
      expect(accepts({ decision: cancel })).toBe(operations.includes("cancel"));
      expect(accepts({ decision: to("code"), fromAgent: null, step: 0 })).toBe(operations.includes("retry"));
      expect(accepts({ decision: to("code"), fromAgent: null, step: 2 })).toBe(operations.includes("resume"));
    }
  });
});

describe("a task's deadline", () => {
  const minute = 60_000;
  const deadline = 10 * minute;
  /** Hops at the given minutes after the start. */
  const records = (...hops: (readonly [number, Decision])[]): HandoffRecord[] =>
    sampleChain(
      hops.map(([at, decision], hop) => ({
        decision,
        createdAt: new Date(SAMPLE_START + at * minute).toISOString(),
        ...(hop === 0 && { options: { deadlineMs: deadline } }),
      })),
    ).map(({ record }) => record);
  const left = (...hops: (readonly [number, Decision])[]) => {
    const at = taskDeadline(records(...hops));
    return at === undefined ? undefined : (at - SAMPLE_START) / minute;
  };

  it("is none where the caller set none, or nothing was stored", () => {
    expect(taskDeadline([])).toBeUndefined();
    expect(taskDeadline(sampleChain([start]).map(({ record }) => record))).toBeUndefined();
  });

  it("counts from the start, however many hops have passed", () => {
    expect(left([0, to("code")])).toBe(10);
    expect(left([0, to("code")], [3, to("qa")], [9, to("code")])).toBe(10);
  });

  it("does not run while the task waits", () => {
    expect(left([0, to("code")], [4, wait])).toBeUndefined();
    expect(left([0, to("code")], [4, wait], [1_000, to("code")])).toBe(1_006);
    expect(left([0, to("code")], [4, wait], [100, to("code")], [103, wait], [200, to("code")])).toBe(203);
  });

  it("begins anew at a retry", () => {
    expect(left([0, to("code")], [4, fail])).toBeUndefined();
    expect(left([0, to("code")], [4, fail], [50, to("code")])).toBe(60);
    expect(left([0, to("code")], [4, fail], [50, to("code")], [53, wait], [70, to("code")])).toBe(77);
  });

  it("is none for a task that has ended", () => {
    expect(left([0, to("code")], [1, complete])).toBeUndefined();
    expect(left([0, to("code")], [1, cancel])).toBeUndefined();
  });

  it("is not extended by a clock that went back", () => {
    expect(left([5, to("code")], [2, wait], [20, to("code")])).toBe(30);
  });
});
