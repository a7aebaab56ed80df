import { type AuditEvent, ContextIntegrityError } from "@agenthandoff/core";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  blankedDetail,
  eventOfItem,
  type Item,
  intentOfItem,
  itemOfEvent,
  itemOfIntent,
  itemOfRow,
  rowOfItem,
} from "./items.js";
import { MAX_EVENT_BYTES, MAX_ITEM_BYTES } from "./limits.js";
import { arbitraryEvent, arbitraryIntent, arbitraryRow, eventSample, rowSample } from "./testing/samples.js";

/** An item's size as DynamoDB counts it: names, texts and numbers (at most 21 bytes), a byte for what is neither. */
function sizeOf(item: Item): number {
  return Object.entries(item)
    .map(
      ([name, { S, N }]) =>
        Buffer.byteLength(name) + (S === undefined ? (N === undefined ? 1 : 21) : Buffer.byteLength(S)),
    )
    .reduce((sum, size) => sum + size, 0);
}

describe("an item", () => {
  it("gives back the event that it was made of, whatever its id and detail", () => {
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        expect(eventOfItem(itemOfEvent(event, 1_800_000_000))).toEqual(event);
      }),
    );
  });

  it("gives back the row that it was made of", () => {
    fc.assert(
      fc.property(arbitraryRow, (row) => {
        expect(rowOfItem(itemOfRow(row))).toEqual(row);
      }),
    );
  });

  it("gives back the intent that it was made of", () => {
    fc.assert(
      fc.property(arbitraryIntent, (intent) => {
        expect(intentOfItem(itemOfIntent(intent))).toEqual(intent);
      }),
    );
  });

  it("keeps numbers, empty names, names of prototypes and depth, which attributes of DynamoDB would not", () => {
    let deep: AuditEvent["detail"][string] = 1e300;
    for (let level = 0; level < 50_000; level++) deep = [deep];
    const detail = JSON.parse(
      '{"": 5e-324, "__proto__": {"": []}, "large": 1e23, "empty": ""}',
    ) as AuditEvent["detail"];
    const read = eventOfItem(itemOfEvent(eventSample({ detail: { ...detail, deep } }))).detail;
    expect(JSON.stringify({ ...read, deep: 0 })).toBe(JSON.stringify({ ...detail, deep: 0 }));
    let level = read.deep;
    while (Array.isArray(level)) level = level[0];
    expect(level).toBe(1e300);
  });

  it("has room for the largest event, the longest ids and an expiry", () => {
    const longest = { relayId: "r".repeat(63), taskId: "t".repeat(127), id: "i".repeat(256), agent: "a".repeat(63) };
    const small = eventSample({ ...longest, kind: "k".repeat(64), hop: 9_999_999_999, detail: { text: "" } });
    const room = MAX_EVENT_BYTES - Buffer.byteLength(JSON.stringify(small));
    const item = itemOfEvent({ ...small, detail: { text: "x".repeat(room) } }, 4_000_000_000);
    expect(sizeOf(item)).toBeLessThan(MAX_ITEM_BYTES);
    // The local index holds the keys once more, and both together may not be larger than an item.
    const { pk, sk, otherHop } = item;
    expect(otherHop).toBeDefined();
    expect(sizeOf(item) + sizeOf({ pk, sk, otherHop } as Item) + 200).toBeLessThan(MAX_ITEM_BYTES);
  });

  it("is in the indexes that find it, and in no other", () => {
    const indexed = (item: Item) =>
      Object.keys(item).filter((name) =>
        ["agentShard", "statusShard", "damagedIn", "otherHop", "expiresAt"].includes(name),
      );
    const { agent: _, ...nobodys } = eventSample();
    expect(indexed(itemOfEvent(eventSample()))).toEqual(["agentShard"]);
    expect(indexed(itemOfEvent(nobodys))).toEqual([]);
    expect(indexed(itemOfEvent({ ...nobodys, id: "x" }, 1))).toEqual(["otherHop", "expiresAt"]);
    expect(indexed(itemOfRow(rowSample()))).toEqual(["statusShard"]);
    expect(indexed(itemOfRow(rowSample({ damaged: true })))).toEqual(["statusShard", "damagedIn"]);
  });

  it("that a newer version wrote more into is read all the same", () => {
    const newer = marshall({ ...unmarshall(itemOfEvent(eventSample())), signature: "later" });
    expect(eventOfItem(newer)).toEqual(eventSample());
  });

  it.each(["null", "[]", "7", '"text"'])("whose detail somebody wrote over with %s is refused", (detail) => {
    expect(() => eventOfItem({ ...itemOfEvent(eventSample()), detail: { S: detail } })).toThrow();
  });

  it.each(["{", '{"a":1,"a":2}', '{"a":1e999}'])(
    "whose detail is not JSON that was written here, %s, is refused",
    (detail) => {
      const read = () => eventOfItem({ ...itemOfEvent(eventSample()), detail: { S: detail } });
      expect(read).toThrow(ContextIntegrityError);
    },
  );
});

describe("a blanked detail", () => {
  it("has the members that are kept and no others, and blanking it again changes nothing", () => {
    fc.assert(
      fc.property(arbitraryEvent, fc.array(fc.string()), (event, names) => {
        const keep = new Set([...names, ...Object.keys(event.detail).slice(0, 1)]);
        const detail = JSON.parse(blankedDetail(event, keep)) as AuditEvent["detail"];
        expect(Object.keys(detail).every((name) => keep.has(name))).toBe(true);
        for (const name of Object.keys(event.detail))
          if (keep.has(name)) expect(detail[name]).toEqual(event.detail[name]);
        expect(blankedDetail({ ...event, detail }, keep)).toBe(JSON.stringify(detail));
      }),
    );
  });
});
