import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "../codec/index.js";
import { hasCode } from "../errors/index.js";
import { deduplicationId, parseEnvelope, parseMessage, serializeEnvelope } from "./envelope.js";
import type { HandoffRecord } from "./handoff.js";
import { parseEntries, parseHandoff, serializeHandoff } from "./handoff-bytes.js";
import { sha256 } from "./hash.js";
import { derivedTaskId, NAME_PATTERN, parseAnyTaskId, parseRelayId, parseTaskId } from "./ids.js";
import { createKeys } from "./keys.js";
import { guessCover, planMerge, type Span } from "./merge-plan.js";
import { compressHandoff, decompressHandoff, parseSegment, serializeSegment, serializeTombstone } from "./segment.js";
import { entryWire, envelopeWire, handoffWire, unversionedWire } from "./wire.js";

// These files are the protocol as others rely on it. A test that fails here means that the code has changed what is
// stored or sent: change the code, not the vector, unless the protocol is given a new version.

interface Named {
  readonly name: string;
}
type Outcome = "refused" | "not_understood" | "erased";

function vectors<T>(file: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../../../../docs/protocol/vectors", file), "utf8")) as T;
}

const bytesOf = ({ base64 }: { readonly base64: string }) => Buffer.from(base64, "base64");

/** Which of the outcomes an error stands for. */
function outcomeOf(read: () => unknown): Outcome | "accepted" {
  try {
    read();
    return "accepted";
  } catch (error) {
    if (hasCode(error, "CONTEXT_INTEGRITY")) return "refused";
    if (hasCode(error, "NOT_UNDERSTOOD")) return "not_understood";
    if (hasCode(error, "TASK_ERASED")) return "erased";
    throw error;
  }
}

describe("handoffs.json", () => {
  interface Accepted extends Named {
    readonly base64: string;
    readonly sha256: string;
    readonly reserialized: boolean;
    readonly record: Json;
    readonly entries: readonly Json[];
  }
  const { accepted, refused } = vectors<{
    accepted: Accepted[];
    refused: (Named & { base64: string; outcome: Outcome })[];
  }>("handoffs.json");

  it.each(accepted)("$name: reads as the record and entries beside it, with this hash", (vector) => {
    const handoff = parseHandoff(bytesOf(vector));
    expect(handoff.sha256).toBe(vector.sha256);
    expect(handoffWire.toJson(handoff.record)).toEqual(vector.record);
    expect(parseEntries(handoff.raw).map((entry) => entryWire.toJson(entry))).toEqual(vector.entries);
  });

  it.each(accepted.filter(({ reserialized }) => reserialized))("$name: is written as the same bytes", (vector) => {
    const { record, raw } = parseHandoff(bytesOf(vector));
    expect(Buffer.from(serializeHandoff(record, parseEntries(raw)).raw).toString("base64")).toBe(vector.base64);
  });

  it.each(refused)("$name: $outcome", (vector) => {
    const read = () => parseEntries(parseHandoff(bytesOf(vector)).raw);
    expect(outcomeOf(read)).toBe(vector.outcome);
  });

  it("shows every member of a record by its name here and there", () => {
    const everything: Required<HandoffRecord> = {
      v: 1,
      requires: [],
      relayId: "typed-package",
      taskId: "orders-42.3.0",
      hop: 0,
      step: 0,
      fromAgent: null,
      by: "ann@example.com",
      agentVersion: "2026.1",
      createdAt: "2026-01-02T03:04:05.678Z",
      commitId: "c2hhbGwgbm90IGd1ZXNz",
      requestId: "e".repeat(64),
      previous: null,
      origin: { kind: "branch", taskId: "orders-42", hop: 3, handoffSha256: "a".repeat(64), index: 0 },
      inputSha256: "b".repeat(64),
      options: {
        deadlineMs: 3_600_000,
        metadata: { tenant: "north", since: { $ah: "date", value: "1970-01-01T00:00:00.000Z" } },
      },
      attempt: "5f3a.1",
      decision: {
        kind: "handoff",
        to: "code",
        reason: "Profil fertig: 12 Spalten, 2 davon zweifelhaft – siehe „profile“ 📦",
      },
      usage: {
        inputTokens: 1200,
        outputTokens: 300,
        totalTokens: 1500,
        cacheReadTokens: 800,
        cacheWriteTokens: 100,
        reasoningTokens: 50,
        modelCalls: 3,
        toolCalls: 2,
        durationMs: 4321,
      },
      classes: ["langchain.AIMessage"],
      blobs: [
        { sha256: "c".repeat(64), size: 70_000, of: "value" },
        { sha256: "d".repeat(64), size: 5, of: "artifact" },
        { sha256: "f".repeat(64), size: 9, of: "unsent" },
      ],
    };
    const vector = accepted.find(({ name }) => name === "every member of a record");
    expect(vector && parseHandoff(bytesOf(vector)).record).toEqual(everything);
  });
});

describe("segments.json", () => {
  interface Slot extends Named {
    readonly task_id: string;
    readonly hop: number;
    readonly base64: string;
  }
  const { accepted, refused } = vectors<{
    accepted: (Slot & { first: number; refs: number[]; handoffs: string[] })[];
    refused: (Slot & { outcome: Outcome })[];
  }>("segments.json");
  const expected = ({ task_id: taskId, hop }: Slot) => ({ taskId, hop });

  it.each(accepted)("$name: reads as the handoffs with these hashes", (vector) => {
    const { first, refs, frames } = parseSegment(bytesOf(vector), expected(vector));
    const handoffs = frames.map((frame) => parseHandoff(decompressHandoff(frame)).sha256);
    expect({ first, refs, handoffs }).toEqual({ first: vector.first, refs: vector.refs, handoffs: vector.handoffs });
  });

  // Compressed bytes differ between builds of zlib, so what is written is compared by what it holds.
  it.each(accepted)("$name: is written so that it reads the same", (vector) => {
    const read = parseSegment(bytesOf(vector), expected(vector));
    const frames = read.frames.map((frame) => compressHandoff(decompressHandoff(frame)));
    const again = parseSegment(serializeSegment({ ...read, frames }), expected(vector));
    expect(again.refs).toEqual(vector.refs);
    expect(again.frames.map((frame) => sha256(decompressHandoff(frame)))).toEqual(vector.handoffs);
    // Members that are copied stay as they are, whoever made them.
    const copied = parseSegment(serializeSegment(read), expected(vector));
    expect(copied.frames.map(({ gzip }) => sha256(gzip))).toEqual(read.frames.map(({ gzip }) => sha256(gzip)));
  });

  it.each(refused)("$name: $outcome", (vector) => {
    const read = () => parseSegment(bytesOf(vector), expected(vector)).frames.map(decompressHandoff);
    expect(outcomeOf(read)).toBe(vector.outcome);
  });

  it("has the tombstone that this code writes, by what it holds", () => {
    expect(outcomeOf(() => parseSegment(serializeTombstone("orders-42", 7), { taskId: "orders-42", hop: 7 }))).toBe(
      "erased",
    );
  });
});

describe("envelopes.json", () => {
  const { accepted, refused, unversioned } = vectors<{
    accepted: (Named & { body: string; reserialized: boolean; envelope: Json; deduplication_id: string })[];
    refused: (Named & { body: string; outcome: "unusable" | "not_understood" })[];
    unversioned: { accepted: (Named & { body: string; message: Json })[]; refused: (Named & { body: string })[] };
  }>("envelopes.json");

  it.each(accepted)("$name: is read, and written the same", ({ body, reserialized, envelope, deduplication_id }) => {
    const reading = parseEnvelope(body);
    if (reading.status !== "read") throw new Error(reading.reason);
    expect(envelopeWire.toJson(reading.envelope)).toEqual(envelope);
    expect(deduplicationId(reading.envelope)).toBe(deduplication_id);
    if (reserialized) expect(serializeEnvelope(reading.envelope)).toBe(body);
    else expect(parseEnvelope(serializeEnvelope(reading.envelope))).toEqual(reading);
  });

  it.each(refused)("$name: $outcome", ({ body, outcome }) => {
    expect(parseEnvelope(body).status.replace("-", "_")).toBe(outcome);
  });

  it.each(unversioned.accepted)("unversioned, $name: is read by whoever takes such messages", ({ body, message }) => {
    const reading = parseMessage(body);
    expect(reading.status === "unversioned" && unversionedWire.toJson(reading.message)).toEqual(message);
    expect(parseEnvelope(body).status).toBe("unusable");
  });

  it.each(unversioned.refused)("unversioned, $name: is unusable", ({ body }) => {
    expect(parseMessage(body).status).toBe("unusable");
  });
});

describe("keys.json", () => {
  const { keys, no_slots, derived, task_ids, names } = vectors<{
    keys: {
      relay_id: string;
      prefix: string;
      task_id: string;
      hop: number;
      slot: string;
      blob: { sha256: string; key: string };
      runs: string;
    }[];
    no_slots: string[];
    derived: { parent: string; hop: number; index: number; task_id: string }[];
    task_ids: { for_users: string[]; for_readers_only: string[]; refused: string[] };
    names: { accepted: string[]; refused: string[] };
  }>("keys.json");
  const accepts = (parse: (id: string) => string) => (id: string) => {
    try {
      return parse(id) === id;
    } catch {
      return false;
    }
  };

  it.each(keys)("$slot is the slot of hop $hop of $task_id, and reads back as it", (vector) => {
    const made = createKeys({ relayId: vector.relay_id, prefix: vector.prefix });
    expect(made.slot(vector.task_id, vector.hop)).toBe(vector.slot);
    expect(made.parseSlot(vector.slot)).toEqual({ taskId: vector.task_id, hop: vector.hop });
    expect(made.blob(vector.task_id, vector.blob.sha256)).toBe(vector.blob.key);
    expect(made.runs(vector.task_id, vector.hop)).toBe(vector.runs);
  });

  it.each(no_slots)("%s is no slot", (key) => {
    expect(createKeys({ relayId: "r" }).parseSlot(key)).toBeUndefined();
  });

  it.each(derived)("$task_id is begotten by $parent", ({ parent, hop, index, task_id }) => {
    expect(derivedTaskId(parent, hop, index)).toBe(task_id);
    expect(parseAnyTaskId(task_id)).toBe(task_id);
  });

  it("says which ids are valid, and for whom", () => {
    const { for_users, for_readers_only, refused } = task_ids;
    const all = [...for_users, ...for_readers_only, ...refused];
    expect(all.filter(accepts(parseTaskId))).toEqual(for_users);
    expect(all.filter(accepts(parseAnyTaskId))).toEqual([...for_users, ...for_readers_only]);
    const allNames = [...names.accepted, ...names.refused];
    expect(allNames.filter(accepts(parseRelayId))).toEqual(names.accepted);
    expect(allNames.filter((name) => NAME_PATTERN.test(name))).toEqual(names.accepted);
  });
});

describe("merge-plans.json", () => {
  const { plans, guesses } = vectors<{
    plans: (Named & {
      hop: number;
      cover: (Span & { bytes: number })[];
      own_bytes: number;
      max_bytes: number;
      take: number;
      first: number;
      refs: number[];
    })[];
    guesses: { hop: number; cover: Span[] }[];
  }>("merge-plans.json");

  it.each(plans)("$name: takes $take", ({ hop, cover, own_bytes, max_bytes, take, first, refs }) => {
    expect(planMerge(cover, hop, own_bytes, max_bytes)).toBe(take);
    const kept = cover.slice(0, cover.length - take);
    expect(kept.map(({ last }) => last)).toEqual(refs);
    expect((refs.at(-1) ?? -1) + 1).toBe(first);
  });

  it.each(guesses)("the cover of hop $hop is guessed", ({ hop, cover }) => {
    expect(guessCover(hop)).toEqual(cover);
  });
});

describe("requests.json", () => {
  const { inputs, requests } = vectors<{
    inputs: (Named & { request: Json; canonical: string; sha256: string })[];
    requests: { operation: string; head: string | null; arguments: Json; canonical: string; request_id: string }[];
  }>("requests.json");

  it.each(inputs)("a start $name has this canonical text and hash", ({ request, canonical, sha256: hash }) => {
    expect(canonicalJson(request)).toBe(canonical);
    expect(sha256(canonical)).toBe(hash);
  });

  it.each(requests)("$operation has this canonical text and request id", ({ canonical, request_id, ...parts }) => {
    expect(canonicalJson(parts)).toBe(canonical);
    expect(sha256(canonical)).toBe(request_id);
  });
});
