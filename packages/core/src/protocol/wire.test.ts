import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../codec/index.js";
import { NotSerializableError } from "../errors/index.js";
import type { Envelope } from "./envelope.js";
import type { EntryLine, HandoffRecord } from "./handoff.js";
import { arbitraryEntry, arbitraryEnvelope, arbitraryRecord } from "./testing/arbitraries.js";
import { sampleChain } from "./testing/sample-chain.js";
import { entryWire, envelopeWire, handoffWire, type Wire } from "./wire.js";

/** Every name in a JSON value, but for what users put there. */
function namesIn(json: Json): string[] {
  if (Array.isArray(json)) return json.flatMap(namesIn);
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) =>
    ["value", "metadata", "question"].includes(name) ? [name] : [name, ...namesIn(value)],
  );
}

function comesBack<T>(wire: Wire<T>, value: T): void {
  const json = wire.toJson(value);
  expect(wire.fromJson(json)).toEqual({ value });
  for (const name of namesIn(json)) expect(name).toMatch(/^[a-z0-9_]+$/);
}

const record: HandoffRecord | undefined = sampleChain([{ decision: { kind: "handoff", to: "code" } }])[0]?.record;
if (record === undefined) throw new Error("a chain of one hop has one record");

describe("names on the wire", () => {
  it("keep every member of a record, and come back as the same record", () => {
    fc.assert(fc.property(arbitraryRecord, (value) => comesBack(handoffWire, value)));
  });

  it("keep every member of an entry of every kind", () => {
    fc.assert(fc.property(arbitraryEntry, (value) => comesBack(entryWire, value)));
  });

  it("keep every member of an envelope", () => {
    fc.assert(fc.property(arbitraryEnvelope, (value) => comesBack(envelopeWire, value)));
  });

  it("leave out members that are undefined", () => {
    const given = { ...record, by: undefined, options: undefined } as unknown as HandoffRecord;
    expect(handoffWire.toJson(given)).not.toHaveProperty("by");
    expect(handoffWire.fromJson(handoffWire.toJson(given))).toEqual({ value: record });
  });

  it("leave members that nobody knows to the bytes", () => {
    const json = handoffWire.toJson(record) as { readonly [name: string]: Json };
    const newer = { ...json, mood: "hopeful", decision: { ...(json.decision as object), urgency: 3 } };
    expect(handoffWire.fromJson(newer)).toEqual({ value: record });
    expect(entryWire.fromJson({ kind: "message", value: 1, name: "n", mediaType: "m" })).toEqual({
      value: { kind: "message", value: 1 },
    });
  });

  it("may leave out what a writer without classes and blobs has none of", () => {
    const { classes, blobs, ...json } = handoffWire.toJson(record) as { readonly [name: string]: Json };
    expect([classes, blobs]).toEqual([[], []]);
    expect(handoffWire.fromJson(json)).toEqual({ value: record });
  });

  it.each<[string, Partial<HandoffRecord>]>([
    ["$.usage.duration_ms", { usage: { durationMs: 1.5 } }],
    ["$.usage.input_tokens", { usage: { inputTokens: -1 } }],
    ["$.usage.output_tokens", { usage: { outputTokens: Number.NaN } }],
    ["$.decision.to", { decision: { kind: "handoff", to: "Not A Name" } }],
    ["$.decision.until", { decision: { kind: "wait", on: { kind: "timer" }, until: "2026-02-30T00:00:00.000Z" } }],
    ["$.decision.reason", { decision: { kind: "complete", reason: 7 as unknown as string } }],
    ["$.created_at", { createdAt: "2026-01-02T03:04:05Z" }],
    ["$.created_at", { createdAt: "2026-01-02T03:04:05.678+00:00" }],
    ["$.previous", { previous: "A".repeat(64) }],
    ["$.commit_id", { commitId: "" }],
    ["$.hop", { hop: 10_000_000_000 }],
    ["$.options.deadline_ms", { options: { deadlineMs: 0 } }],
    ["$.blobs.0.size", { blobs: [{ sha256: "a".repeat(64), size: 2 ** 53, of: "value" }] }],
  ])("refuse at the sender what a reader would refuse, with its place: %s", (path, wrong) => {
    const write = () => handoffWire.toJson({ ...record, ...wrong });
    expect(write).toThrow(NotSerializableError);
    expect(write).toThrow(expect.objectContaining({ path }));
  });

  it("refuse an entry without its value, and an envelope with a member that is too long", () => {
    expect(() => entryWire.toJson({ kind: "output", value: undefined } as unknown as EntryLine)).toThrow("$.value");
    const envelope = fc.sample(arbitraryEnvelope, 1)[0] as Envelope;
    expect(() => envelopeWire.toJson({ ...envelope, traceparent: "0".repeat(257) })).toThrow("$.traceparent");
  });

  it("tell a reader which members are wrong, never what they hold", () => {
    const json = {
      ...(handoffWire.toJson(record) as object),
      hop: "SECRET",
      from_agent: "SECRET",
      usage: { tool_calls: "SECRET" },
    };
    expect(handoffWire.fromJson(json)).toEqual({ wrong: "hop, from_agent, usage.tool_calls" });
  });
});
