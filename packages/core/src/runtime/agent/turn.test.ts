import { describe, expect, it } from "vitest";
import { message } from "./entries.js";
import { asTurnResult, type DecisionOptions, isTurnResult, turnResults } from "./turn.js";

const learned: DecisionOptions = {
  reason: "because",
  entries: [message("m")],
  artifacts: [{ name: "a", data: "x" }],
  output: "o",
  usage: { inputTokens: 3 },
};
const entries = [
  { kind: "message", value: "m" },
  { kind: "artifact", name: "a", data: "x" },
  { kind: "output", value: "o" },
];

describe("the end of a run", () => {
  it.each([
    ["handing on", turnResults.handoff("qa", learned), { kind: "handoff", to: "qa", reason: "because" }],
    ["completing", turnResults.complete(learned), { kind: "complete", reason: "because" }],
    ["failing", turnResults.fail({ ...learned, reason: "no", error: 0 }), { kind: "fail", reason: "no", error: 0 }],
    ["waiting", turnResults.wait({ ...learned, question: "?" }), { kind: "wait", question: "?", reason: "because" }],
  ])(
    "by %s takes along why, what was learned in order, the result last, and what it cost",
    (_how, result, decision) => {
      expect(result.decision).toStrictEqual(decision);
      expect(result.entries).toStrictEqual(entries);
      expect(result.usage).toEqual({ inputTokens: 3 });
    },
  );

  it.each([
    ["handing on", turnResults.handoff("qa"), { kind: "handoff", to: "qa" }],
    ["completing", turnResults.complete(), { kind: "complete" }],
    ["failing", turnResults.fail({ reason: "no" }), { kind: "fail", reason: "no" }],
    ["waiting", turnResults.wait(), { kind: "wait", question: undefined }],
  ])("by %s needs nothing of that", (_how, result, decision) => {
    expect(result.decision).toStrictEqual(decision);
    expect(result.entries).toEqual([]);
    expect(result.usage).toBeUndefined();
  });

  it("may be a plain value, which completes the task with it, null and false too; nothing completes with nothing", () => {
    for (const value of [null, false, 0, "", { decision: { kind: "fail" }, entries: [] }]) {
      expect(isTurnResult(value)).toBe(false);
      expect(asTurnResult(value)).toEqual(turnResults.complete({ output: value }));
    }
    expect(asTurnResult(undefined)).toEqual(turnResults.complete());
  });

  it("is told from a plain value, and stays what it is", () => {
    const result = turnResults.wait();
    expect(isTurnResult(result)).toBe(true);
    expect(asTurnResult(result)).toBe(result);
  });
});
