import {
  createCodec,
  createRelay,
  defineAgent,
  type NewEntry,
  parseJson,
  stringifyJson,
  type Turn,
  type TurnResult,
} from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readResult, writeResult } from "./result.js";
import { answerSchema, type WireResult } from "./wire.js";

/** A turn as core makes it. */
const turn = await (async (): Promise<Turn> => {
  let made: Turn | undefined;
  const agent = defineAgent({
    name: "qa",
    run(given) {
      made = given as Turn;
    },
  });
  const relay = createRelay({ id: "r", agents: [agent], backend: memory() });
  await relay.run({ to: "qa", taskId: "t" });
  if (made === undefined) throw new Error("the agent did not run");
  return made;
})();
const codec = createCodec();

/** As it travels: text, and a schema at the other end. */
function travelled(result: TurnResult): TurnResult {
  const json = parseJson(stringifyJson(writeResult(result, codec) as never));
  return readResult(answerSchema(json).parse(json) as WireResult, turn, codec);
}

const values = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
const name = fc.string();
const entries = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("message" as const), value: values }),
    fc.record({ kind: fc.constant("output" as const), value: values, name }, { requiredKeys: ["kind", "value"] }),
    fc.record({ kind: fc.constant("view" as const), value: values, name }, { requiredKeys: ["kind", "value"] }),
    fc.record({ kind: fc.constant("state" as const), name, value: values }),
    fc.record(
      {
        kind: fc.constant("artifact" as const),
        name,
        mediaType: fc.string(),
        data: fc.oneof(fc.string(), fc.uint8Array()),
      },
      { requiredKeys: ["kind", "name", "data"] },
    ),
  ),
  { maxLength: 4 },
) as fc.Arbitrary<NewEntry[]>;

/** Bytes come back as a Buffer. */
const plain = ({ entries: all, ...rest }: TurnResult) => ({
  ...rest,
  entries: all.map((entry) =>
    entry.kind === "artifact" && typeof entry.data !== "string" ? { ...entry, data: [...entry.data] } : entry,
  ),
});

describe("a result", () => {
  it("comes back as it went, whatever its values", () => {
    fc.assert(
      fc.property(entries, fc.option(fc.string(), { nil: undefined }), (all, reason) => {
        const result = turn.handoff("anybody", { entries: all, ...(reason === undefined ? {} : { reason }) });
        expect(plain(travelled(result))).toEqual(plain(result));
      }),
      { numRuns: 200 },
    );
  });

  it("comes back with what it cost", () => {
    const usage = {
      inputTokens: 1,
      outputTokens: 2,
      totalTokens: 3,
      cacheReadTokens: 4,
      cacheWriteTokens: 5,
      reasoningTokens: 6,
      modelCalls: 7,
      toolCalls: 8,
      durationMs: 9,
    };
    expect(travelled(turn.complete({ usage })).usage).toEqual(usage);
  });

  it("comes back with its question, and with none where there was none", () => {
    expect(travelled(turn.wait({ question: new Map([["ok", 1n]]), reason: "ask" }))).toEqual(
      turn.wait({ question: new Map([["ok", 1n]]), reason: "ask" }),
    );
    expect(travelled(turn.wait())).toEqual(turn.wait());
  });

  it("comes back with the error that it fails with, as far as a record keeps it", () => {
    const error = Object.assign(new RangeError("too far"), { code: 17 });
    const { decision } = travelled(turn.fail({ reason: "no", error }));
    expect(decision).toMatchObject({
      kind: "fail",
      reason: "no",
      error: { name: "RangeError", message: "too far", code: "17" },
    });
    expect(travelled(turn.fail({ reason: "no" }))).toEqual(turn.fail({ reason: "no" }));
  });
});

describe("an answer in another language", () => {
  const read = (answer: unknown): TurnResult =>
    readResult(answerSchema(answer).parse(answer) as WireResult, turn, codec);

  it("needs no more than a decision", () => {
    expect(read({ decision: { kind: "complete" } })).toEqual(turn.complete());
  });

  it("has its values as JSON has them, and what the schema does not know is not looked at", () => {
    const rows = [{ id: 1, price: 2.5, tags: ["a", null, true] }];
    expect(
      read({
        decision: { kind: "handoff", to: "code", reason: "profiled", confidence: 0.9 },
        entries: [
          { kind: "output", value: { rows } },
          { kind: "artifact", name: "sample.csv", media_type: "text/csv", text: "a,b\n" },
        ],
        usage: { input_tokens: 3, watts: 12 },
        stdout: "",
      }),
    ).toEqual(
      turn.handoff("code", {
        reason: "profiled",
        entries: [
          { kind: "output", value: { rows } },
          { kind: "artifact", name: "sample.csv", mediaType: "text/csv", data: "a,b\n" },
        ],
        usage: { inputTokens: 3 },
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ["null", null, "expected object"],
    ["a text", "done", "expected object"],
    ["no decision", { output: 1 }, "decision"],
    ["a decision that nobody knows", { decision: { kind: "done" } }, "decision.kind"],
    ["a cancellation, which is no agent's to decide", { decision: { kind: "cancel" } }, "decision.kind"],
    ["a handoff to nobody", { decision: { kind: "handoff" } }, "decision.to"],
    ["a failure without a reason", { decision: { kind: "fail" } }, "decision.reason"],
    [
      "an entry of another kind",
      { decision: { kind: "complete" }, entries: [{ kind: "input", value: 1 }] },
      "entries[0].kind",
    ],
    ["an entry without a value", { decision: { kind: "complete" }, entries: [{ kind: "output" }] }, "entries[0].value"],
    [
      "an artifact without bytes",
      { decision: { kind: "complete" }, entries: [{ kind: "artifact", name: "a" }] },
      "must have text or base64",
    ],
    [
      "an artifact with both",
      { decision: { kind: "complete" }, entries: [{ kind: "artifact", name: "a", text: "", base64: "" }] },
      "must have text or base64",
    ],
    [
      "bytes that are no base64",
      { decision: { kind: "complete" }, entries: [{ kind: "artifact", name: "a", base64: "%" }] },
      "base64",
    ],
    ["half a token", { decision: { kind: "complete" }, usage: { input_tokens: 0.5 } }, "usage.input_tokens"],
    ["something stored without its hash", { stored: { bytes: 3 } }, "stored.sha256"],
    ["an error without a message", { error: { name: "E" } }, "error.message"],
  ])("is none where it has %s, and told what is wrong", (_what, answer, words) => {
    const { error } = answerSchema(answer).safeParse(answer);
    const told = error?.issues
      .map(
        ({ path, message }) =>
          `${path
            .map((each) => (typeof each === "number" ? `[${each}]` : `.${String(each)}`))
            .join("")
            .slice(1)}: ${message}`,
      )
      .join("; ");
    expect(told).toContain(words);
  });
});
