import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryText } from "../codec/testing/arbitrary-value.js";
import { deduplicationId, type Envelope, parseEnvelope, parseMessage, serializeEnvelope } from "./envelope.js";
import { arbitraryEnvelope } from "./testing/arbitraries.js";

const envelope: Envelope = {
  v: 1,
  relayId: "typed-package",
  taskId: "orders-42",
  hop: 4,
  fromAgent: "research",
  toAgent: "code",
  contextKey: "typed-package/slots/orders-42/0000000004.ndjson.gz",
  handoffSha256: "ab".repeat(32),
  sentAt: "2026-01-02T03:04:05.678Z",
  generation: 0,
};
const body = serializeEnvelope(envelope);
const json = JSON.parse(body) as { readonly [name: string]: unknown };
const withMembers = (members: object) => JSON.stringify({ ...json, ...members });

describe("an envelope", () => {
  it("comes back as it was sent, in printable ASCII alone", () => {
    fc.assert(
      fc.property(arbitraryEnvelope, (sent) => {
        const text = serializeEnvelope(sent);
        expect(text).toMatch(/^[ -~]+$/);
        expect(parseEnvelope(text)).toEqual({ status: "read", envelope: sent });
      }),
    );
  });

  it("keeps the protocol's oldest names", () => {
    expect(json).toMatchObject({
      from_agent: "research",
      context_s3_key: "typed-package/slots/orders-42/0000000004.ndjson.gz",
      task_id: "orders-42",
    });
  });

  it("is read in spite of members that nobody knows", () => {
    expect(parseEnvelope(withMembers({ mood: { deep: ["hopeful"] } }))).toEqual({ status: "read", envelope });
  });

  it("of a newer version is not understood, whatever else it holds", () => {
    for (const text of [withMembers({ v: 2 }), withMembers({ v: 1e9, hop: "none" }), '{"v":2}']) {
      expect(parseEnvelope(text)).toMatchObject({ status: "not-understood" });
    }
  });

  it.each([
    ["nothing", ""],
    ["text", "hello"],
    ["a string", '"hello"'],
    ["null", "null"],
    ["an array", `[${body}]`],
    ["a number", "1"],
    ["two objects", body + body],
    ["a truncated object", body.slice(0, -1)],
    ["a byte order mark before it", `\ufeff${body}`],
    ["a name twice", `{"hop":4,${body.slice(1)}`],
    ["an escaped name twice", `{"h\\u006fp":4,${body.slice(1)}`],
    ["a number that is not exact", body.replace('"hop":4', '"hop":4,"n":1e999')],
    ["a nest as deep as it can be", "[".repeat(16_384)],
    ["more than any envelope has", withMembers({ traceparent: "0".repeat(16_384) })],
    ["a signature of more than 1,024 characters", withMembers({ signature: "s".repeat(1_025) })],
    ["a trace context of more than 256 characters", withMembers({ traceparent: "0".repeat(257) })],
    ["no version", withMembers({ v: undefined })],
    ["version zero", withMembers({ v: 0 })],
    ["a version between", withMembers({ v: 1.5 })],
    ["a version in a string", withMembers({ v: "2" })],
    ["another relay's grammar", withMembers({ relay_id: "../other" })],
    ["a hostile task id", withMembers({ task_id: "../other" })],
    ["a task id that is an object", withMembers({ task_id: { a: 1 } })],
    ["a negative hop", withMembers({ hop: -1 })],
    ["a hop between", withMembers({ hop: 0.5 })],
    ["a hop in a string", withMembers({ hop: "4" })],
    ["no agent to go to", withMembers({ to_agent: null })],
    ["an agent with a hostile name", withMembers({ from_agent: "a\n" })],
    ["an empty key", withMembers({ context_s3_key: "" })],
    ["a hash in upper case", withMembers({ handoff_sha256: "AB".repeat(32) })],
    ["a hash that is long", withMembers({ handoff_sha256: "ab".repeat(33) })],
    ["a hash after something else", withMembers({ handoff_sha256: `../${"ab".repeat(32)}` })],
    ["a hash before something else", withMembers({ handoff_sha256: `${"ab".repeat(32)}\n` })],
    ["a hash that is short", withMembers({ handoff_sha256: "ab" })],
    ["a time without milliseconds", withMembers({ sent_at: "2026-01-02T03:04:05Z" })],
    ["a time that is none", withMembers({ sent_at: "2026-13-02T03:04:05.678Z" })],
    ["a negative generation", withMembers({ generation: -1 })],
  ])("with %s can never be used", (_, text) => {
    const reading = parseEnvelope(text);
    expect(reading).toEqual({ status: "unusable", reason: expect.any(String) });
    // Reasons go into logs and dead-letter queues.
    if (reading.status === "unusable") expect(reading.reason).toMatch(/^[ -~]{1,400}$/);
  });

  it("that lacks any required member can never be used, and the reason names the member", () => {
    for (const name of Object.keys(json).filter((each) => each !== "v")) {
      expect(parseEnvelope(withMembers({ [name]: undefined }))).toEqual({
        status: "unusable",
        reason: `the envelope's fields are missing or wrong: ${name}`,
      });
    }
  });

  it("is read from any text without throwing", () => {
    const damaged = fc
      .tuple(fc.nat({ max: body.length }), fc.nat({ max: 5 }), arbitraryText({ maxLength: 3 }))
      .map(([at, cut, text]) => body.slice(0, at) + text + body.slice(at + cut));
    const known = ["read", "unusable", "not-understood"];
    fc.assert(
      fc.property(fc.oneof(damaged, arbitraryText(), fc.json()), (text) => {
        expect(known).toContain(parseEnvelope(text).status);
        expect([...known, "unversioned"]).toContain(parseMessage(text).status);
      }),
      { numRuns: 1_000 },
    );
  });

  it("has a deduplication id that its hash and generation make, within what a queue takes", () => {
    expect(deduplicationId(envelope)).toBe(`${"ab".repeat(32)}.0`);
    expect(deduplicationId({ ...envelope, sentAt: "2027-01-01T00:00:00.000Z" })).toBe(deduplicationId(envelope));
    expect(deduplicationId({ ...envelope, generation: Number.MAX_SAFE_INTEGER }).length).toBeLessThanOrEqual(128);
  });
});

describe("a message that need not be an envelope", () => {
  const unversioned = { from_agent: "ingest", context_s3_key: "handoffs/ingest/1.json", task_id: "orders-42" };
  const message = { fromAgent: "ingest", contextKey: "handoffs/ingest/1.json", taskId: "orders-42" };

  it("is of the unversioned form by its three fields, also with members that nobody knows", () => {
    expect(parseMessage(JSON.stringify(unversioned))).toEqual({ status: "unversioned", message });
    expect(parseMessage(JSON.stringify({ sent: 1, ...unversioned }))).toEqual({ status: "unversioned", message });
  });

  it("is read as an envelope wherever it has a version, whatever that is", () => {
    expect(parseMessage(body)).toEqual(parseEnvelope(body));
    for (const v of [0, 2, null, "1"]) {
      const versioned = JSON.stringify({ v, ...unversioned });
      expect(parseMessage(versioned)).toEqual(parseEnvelope(versioned));
      expect(parseMessage(versioned).status).not.toBe("unversioned");
    }
  });

  it.each<[string, string, object]>([
    ["the task's id is none", "task_id", { task_id: "../t" }],
    ["the producer's name is none", "from_agent", { from_agent: null }],
    ["the key is missing", "context_s3_key", { context_s3_key: undefined }],
    ["the key is longer than any store's", "context_s3_key", { context_s3_key: "k".repeat(1_025) }],
    ["all are missing", "from_agent, task_id, context_s3_key", { from_agent: 1, task_id: 1, context_s3_key: 1 }],
  ])("is unusable where %s, and says so", (_what, names, changes) => {
    expect(parseMessage(JSON.stringify({ ...unversioned, ...changes }))).toEqual({
      status: "unusable",
      reason: `the message has no version, and its fields are missing or wrong: ${names}`,
    });
  });

  it("is an envelope alone to whoever asks for one", () => {
    expect(parseEnvelope(JSON.stringify(unversioned))).toMatchObject({ status: "unusable" });
  });
});
