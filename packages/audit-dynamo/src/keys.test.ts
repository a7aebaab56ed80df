import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_SHARDS,
  agentShard,
  eventSortKey,
  idInSortKey,
  intentSortKey,
  isUnderItsHop,
  parsePartitionKey,
  partitionKey,
  shardOf,
  TASK_SORT_KEY,
} from "./keys.js";
import { arbitraryEvent } from "./testing/samples.js";

const invalid = expect.objectContaining({ code: "INVALID_ID" });

describe("a key", () => {
  it("of a task tells its relay and its task, so that no two tasks share one", () => {
    fc.assert(
      fc.property(
        fc.string().filter((id) => !id.includes("#")),
        fc.string(),
        (relayId, taskId) => {
          expect(parsePartitionKey(partitionKey(relayId, taskId))).toEqual({ relayId, taskId });
        },
      ),
    );
  });

  it("is made for no relay whose id could be taken for a relay and part of a task", () => {
    expect(() => partitionKey("a#b", "c")).toThrow(invalid);
    expect(() => agentShard("a#b", "c", 0)).toThrow(invalid);
  });

  it("of an event sorts as its id does, apart from intents and the row", () => {
    const id = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 256 });
    const bytes = (text: string) => Buffer.from(eventSortKey(text));
    fc.assert(
      fc.property(id, id, (left, right) => {
        expect(Math.sign(Buffer.compare(bytes(left), bytes(right)))).toBe(left === right ? 0 : left < right ? -1 : 1);
        expect(idInSortKey(eventSortKey(left))).toBe(left);
        expect(idInSortKey(intentSortKey(left))).toBe(left);
        expect(new Set([eventSortKey(left), intentSortKey(left), TASK_SORT_KEY]).size).toBe(3);
      }),
    );
  });

  it.each(["", "ü", "x".repeat(257)])("is made of no event id that is empty, not ASCII or too long (%s)", (id) => {
    expect(() => eventSortKey(id)).toThrow(invalid);
  });
});

describe("a shard", () => {
  it("of a task is always the same, and tasks are spread over all of them evenly", () => {
    const counts = new Map(ALL_SHARDS.map((shard) => [shard, 0]));
    for (let task = 0; task < 16_000; task++) {
      const shard = shardOf(`orders-${task}`);
      expect(shardOf(`orders-${task}`)).toBe(shard);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    expect(Math.min(...counts.values())).toBeGreaterThan(800);
  });
});

it("an event is under its hop if its id begins with it in ten digits, as core's do", () => {
  expect(isUnderItsHop("0000000007#attempt_started#1.1", 7)).toBe(true);
  expect(isUnderItsHop("7#attempt_started", 7)).toBe(false);
  fc.assert(
    fc.property(arbitraryEvent, ({ id, hop }) => {
      expect(isUnderItsHop(id, hop)).toBe(id.slice(0, 10) === String(hop).padStart(10, "0"));
    }),
  );
});
