import { describe, expect, it } from "vitest";
import { SAMPLE_START, type SampleHop } from "../../protocol/testing/sample-chain.js";
import { declareAgent } from "../agent/agent.js";
import { headOf } from "../chain/task-chain.js";
import { taskChain } from "../testing/task-chain.js";
import { type Judging, judge } from "./judge.js";

const toQa: SampleHop = { decision: { kind: "handoff", to: "qa" } };
const toCode: SampleHop = { decision: { kind: "handoff", to: "code" } };

function judging(hops: readonly SampleHop[], given: Partial<Judging> = {}): Judging {
  const chain = taskChain(hops);
  const { sha256, record } = headOf(chain);
  return {
    chain,
    envelope: {
      v: 1,
      relayId: record.relayId,
      taskId: record.taskId,
      hop: record.hop,
      fromAgent: record.fromAgent,
      toAgent: "qa",
      contextKey: "key",
      handoffSha256: sha256,
      sentAt: record.createdAt,
      generation: 0,
    },
    agent: declareAgent({ name: "qa" }),
    versions: "any",
    knowsClass: () => false,
    now: SAMPLE_START,
    ...given,
  };
}

describe("a delivery of the head", () => {
  it("runs the agent that the task was handed to", () => {
    expect(judge(judging([toQa]))).toEqual({ action: "run" });
    expect(judge(judging([toQa, toCode, toQa]))).toEqual({ action: "run" });
  });

  it("is refused when its envelope names another handoff than the slot holds", () => {
    const { envelope } = judging([toQa, toCode, toQa]);
    expect(judge(judging([toQa], { envelope }))).toEqual({
      action: "refuse",
      reason: "the envelope names another handoff than its slot holds",
    });
  });

  it.each<[string, SampleHop]>([
    ["complete", { decision: { kind: "complete" } }],
    ["fail", { decision: { kind: "fail", reason: "no" } }],
    ["wait", { decision: { kind: "wait", on: { kind: "answer" } } }],
  ])("is refused when the handoff decides to %s: nobody executes that", (kind, hop) => {
    expect(judge(judging([toQa, hop]))).toEqual({
      action: "refuse",
      reason: `the handoff's decision is ${kind}, which nobody executes`,
    });
  });

  it("is refused when its envelope names another agent than the handoff", () => {
    const { envelope } = judging([toQa]);
    expect(judge(judging([toQa], { envelope: { ...envelope, toAgent: "code" } }))).toEqual({
      action: "refuse",
      reason: "the envelope names another agent than the handoff",
    });
  });

  it("is refused in another agent's queue", () => {
    expect(judge(judging([toQa], { agent: declareAgent({ name: "code" }) }))).toEqual({
      action: "refuse",
      reason: "the envelope is in another agent's queue",
    });
  });
});

describe("a class that a value of the context is made of", () => {
  const hops = [toQa, { ...toCode, classes: ["Known"] }, { ...toQa, classes: ["Known", "Strange"] }];

  it("leaves the task to another worker where it is not registered, whichever hop needs it", () => {
    const reason = 'the context needs the class "Strange", which is not registered here';
    expect(judge(judging(hops, { knowsClass: (name) => name === "Known" }))).toEqual({ action: "leave", reason });
    expect(judge(judging(hops, { knowsClass: (name) => name === "Strange" }))).toMatchObject({
      action: "leave",
      reason: expect.stringContaining('"Known"'),
    });
  });

  it("is no matter where all are registered", () => {
    expect(judge(judging(hops, { knowsClass: () => true }))).toEqual({ action: "run" });
  });
});

describe("a task that is pinned", () => {
  /** qa decided with this version in hop 1, and with another in hop 3; code had its own. */
  const hops = [
    toQa,
    { ...toCode, agentVersion: "1" },
    { ...toQa, agentVersion: "9" },
    { ...toCode, agentVersion: "2" },
    toQa,
  ];
  const at = (version: string | undefined, given: Partial<Judging> = {}) =>
    judge(
      judging(hops, {
        versions: "pinned",
        agent: declareAgent({ name: "qa", ...(version !== undefined && { version }) }),
        ...given,
      }),
    );

  it("stays with the version of the agent that it met first", () => {
    expect(at("1")).toEqual({ action: "run" });
    expect(at("2")).toEqual({
      action: "leave",
      reason: 'the task is pinned to version "1" of qa; this worker has "2"',
    });
    expect(at(undefined)).toEqual({
      action: "leave",
      reason: 'the task is pinned to version "1" of qa; this worker has none',
    });
  });

  it("runs any version where none was met, and where the relay does not pin", () => {
    const { chain, envelope } = judging([toQa, { ...toCode, fromAgent: "qa" }, { ...toQa, agentVersion: "9" }]);
    expect(at("2", { chain, envelope })).toEqual({ action: "run" });
    const fresh = judging([toQa]);
    expect(at("2", { chain: fresh.chain, envelope: fresh.envelope })).toEqual({ action: "run" });
    expect(at("2", { versions: "any" })).toEqual({ action: "run" });
  });
});

describe("a task whose deadline has passed", () => {
  const hops: readonly SampleHop[] = [{ ...toQa, options: { deadlineMs: 1_000 } }];

  it("fails from that instant on, and not before", () => {
    const passed = { action: "fail", reason: "the task's deadline has passed" };
    expect(judge(judging(hops, { now: SAMPLE_START + 1_000 }))).toEqual(passed);
    expect(judge(judging(hops, { now: SAMPLE_START + 5_000 }))).toEqual(passed);
    expect(judge(judging(hops, { now: SAMPLE_START + 999 }))).toEqual({ action: "run" });
  });
});
