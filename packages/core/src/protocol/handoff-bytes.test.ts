import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ContextIntegrityError, NotSerializableError, NotUnderstoodError } from "../errors/index.js";
import type { EntryLine, HandoffRecord } from "./handoff.js";
import { parseEntries, parseHandoff, serializeHandoff } from "./handoff-bytes.js";
import { sha256 } from "./hash.js";
import { arbitraryEntry, arbitraryRecord } from "./testing/arbitraries.js";
import { sampleChain } from "./testing/sample-chain.js";

const entries: readonly EntryLine[] = [
  { kind: "input", value: { file: "orders.csv" } },
  { kind: "output", name: "profile", value: [1, "\u2028 zwei", null] },
];
const [handoff] = sampleChain([{ decision: { kind: "handoff", to: "code" }, entries }]);
if (handoff === undefined) throw new Error("a chain of one hop has one handoff");
const [first = "", second = "", third = ""] = Buffer.from(handoff.raw).toString("utf8").split("\n");
const json = JSON.parse(first) as { readonly [name: string]: unknown };

const bytes = (...lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));
const withMembers = (members: object) => bytes(JSON.stringify({ ...json, ...members }));

describe("the bytes of a handoff", () => {
  it("hold the same record and entries when they are read, and the hash of exactly these bytes", () => {
    fc.assert(
      fc.property(arbitraryRecord, fc.array(arbitraryEntry, { maxLength: 4 }), (record, lines) => {
        const { raw, sha256: hash } = serializeHandoff(record, lines);
        expect(parseHandoff(raw)).toEqual({ record, raw, sha256: hash });
        expect(hash).toBe(sha256(raw));
        expect(parseEntries(raw)).toEqual(lines);
      }),
    );
  });

  it("are lines of JSON with a kind, each ended by one line feed, the last too", () => {
    fc.assert(
      fc.property(arbitraryRecord, fc.array(arbitraryEntry, { maxLength: 4 }), (record, lines) => {
        const text = Buffer.from(serializeHandoff(record, lines).raw).toString("utf8");
        const parts = text.split("\n");
        expect(parts.pop()).toBe("");
        expect(parts).toHaveLength(1 + lines.length);
        const kinds = parts.map((line) => (JSON.parse(line) as { kind: unknown }).kind);
        expect(kinds).toEqual(["handoff", ...lines.map((line) => line.kind)]);
        expect(text).not.toMatch(/\r|^\ufeff/);
      }),
    );
  });

  it("are the same for the same record", () => {
    expect(serializeHandoff(handoff.record, entries).sha256).toBe(handoff.sha256);
    const otherOrder = Object.fromEntries(Object.entries(handoff.record).reverse()) as unknown as HandoffRecord;
    expect(serializeHandoff(otherOrder, entries).sha256).toBe(handoff.sha256);
  });

  it("keep members and lines that this version does not know, and do not show them", () => {
    const raw = bytes(
      JSON.stringify({ ...json, mood: "hopeful" }),
      second,
      JSON.stringify({ kind: "weather", sky: "blue" }),
      JSON.stringify({ ...(JSON.parse(third) as object), colour: "green" }),
      JSON.stringify({ kind: "signature", key_id: "k", signature: "s" }),
    );
    const read = parseHandoff(raw);
    expect(read.record).toEqual(handoff.record);
    expect(read.raw).toBe(raw);
    expect(read.sha256).toBe(sha256(raw));
    expect(parseEntries(raw)).toEqual(entries);
  });

  it("of a newer version are not understood, whatever else they hold", () => {
    expect(() => parseHandoff(withMembers({ v: 2 }))).toThrow(NotUnderstoodError);
    expect(() => parseHandoff(bytes('{"v":2}'))).toThrow(NotUnderstoodError);
  });

  it("that require what this version does not know are not understood, and the error names it", () => {
    const read = () =>
      parseHandoff(withMembers({ requires: ["external-refs", "x"], decision: { kind: "unheard-of" } }));
    expect(read).toThrow(NotUnderstoodError);
    expect(read).toThrow('"external-refs"');
    expect(() => parseHandoff(withMembers({ requires: ["\u001b[31m\n".repeat(99)] }))).toThrow(/^[ -~]{1,600}$/);
  });

  it.each<[string, Uint8Array]>([
    ["nothing", Buffer.alloc(0)],
    ["a line feed alone", bytes("")],
    ["no line feed at the end", handoff.raw.subarray(0, -1)],
    ["a byte order mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), handoff.raw])],
    ["UTF-16", Buffer.from(`${first}\n`, "utf16le")],
    ["bytes that are not UTF-8", Buffer.from(withMembers({ by: "J\u00fcrgen" }).toString("utf8"), "latin1")],
    ["a surrogate in UTF-8", Buffer.from(withMembers({ by: "\u00ed\u00a0\u0080" }).toString("utf8"), "latin1")],
    ["a first line that is empty", bytes("", first)],
    ["a first line that is no object", bytes(`[${first}]`)],
    ["a first line that is an entry", bytes(second, first)],
    ["a name twice in an object", bytes(`{"hop":0,${first.slice(1)}`)],
    ["a name twice, deep inside", bytes(first.replace('"to":"code"', '"to":"code","to":"qa"'))],
    ["a name twice, once escaped", bytes(`{"\\u0068op":0,${first.slice(1)}`)],
    ["a number that no float64 holds", bytes(first.replace('"hop":0', '"hop":0,"n":1e999'))],
    ["a version that is none", withMembers({ v: "1" })],
    ["version zero", withMembers({ v: 0 })],
    ["no requires", withMembers({ requires: undefined })],
    ["requires that are no names", withMembers({ requires: [1] })],
    ["no previous", withMembers({ previous: undefined })],
    ["no usage", withMembers({ usage: undefined })],
    ["a decision that nobody knows", withMembers({ decision: { kind: "shrug" } })],
    ["a decision without its target", withMembers({ decision: { kind: "handoff" } })],
    ["a failure without a reason", withMembers({ decision: { kind: "fail" } })],
    ["a hostile task id", withMembers({ task_id: "../other" })],
    ["a time that is none", withMembers({ created_at: "2026-02-30T00:00:00.000Z" })],
  ])("with %s are refused", (_, raw) => {
    expect(() => parseHandoff(raw)).toThrow(ContextIntegrityError);
  });

  it.each<[string, string[]]>([
    ["an empty line", ["", second]],
    ["an empty line at the end", [second, ""]],
    ["a line of white space", [second, " "]],
    ["a line that is no object", ["[]"]],
    ["a line without a kind", ['{"value":1}']],
    ["a kind that is no name", ['{"kind":1}']],
    ["a second record", [first]],
    ["a message without its value", ['{"kind":"message"}']],
    ["a state without its name", ['{"kind":"state","value":1}']],
    ["an artifact without its hash", ['{"kind":"artifact","name":"a","media_type":"b","size":1}']],
    ["a name twice in a value", ['{"kind":"message","value":{"a":1,"a":2}}']],
    ["a byte order mark", [`\ufeff${second}`]],
  ])("with %s among the entries are refused when the entries are read", (_, lines) => {
    const raw = bytes(first, ...lines);
    expect(parseHandoff(raw).record).toEqual(handoff.record);
    expect(() => parseEntries(raw)).toThrow(ContextIntegrityError);
  });

  it("are not read as entries without their last line feed", () => {
    expect(() => parseEntries(handoff.raw.subarray(0, -1))).toThrow("does not end with a line feed");
  });

  it("truncated anywhere are refused, or are another handoff by their hash", () => {
    for (let length = 0; length < handoff.raw.length; length++) {
      const part = handoff.raw.subarray(0, length);
      if (part.at(-1) === 0x0a) expect(parseHandoff(part).sha256).not.toBe(handoff.sha256);
      else expect(() => parseHandoff(part)).toThrow(ContextIntegrityError);
    }
  });

  it("are not written at all when a reader would refuse them", () => {
    const wrong = { ...handoff.record, usage: { durationMs: 0.5 } };
    expect(() => serializeHandoff(wrong, [])).toThrow(NotSerializableError);
    expect(() => serializeHandoff(handoff.record, [{ kind: "state", value: 1 } as unknown as EntryLine])).toThrow(
      "$.name",
    );
  });
});
