import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AttemptSubject,
  attemptFailed,
  attemptReleased,
  attemptStarted,
  countAttempts,
  superseded,
} from "./events.js";

const subject = (attempt: string): AttemptSubject => ({
  relayId: "relay",
  taskId: "t",
  hop: 0,
  agent: "qa",
  attempt,
  at: "2026-01-01T00:00:00.000Z",
});

const endings = {
  none: () => [],
  failed: (attempt: string) => [attemptFailed(subject(attempt), { name: "Error", message: "no" })],
  released: (attempt: string) => [attemptReleased(subject(attempt), "drained")],
  superseded: (attempt: string) => [superseded(subject(attempt), "somebody")],
} as const;

describe("attempts", () => {
  it("count when they started and were not taken back, in whatever order their events are read", () => {
    const endingName = fc.constantFrom(...(Object.keys(endings) as (keyof typeof endings)[]));
    fc.assert(
      fc.property(fc.array(endingName, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (kinds, chance) => {
        const events = kinds.flatMap((kind, index) => [
          attemptStarted(subject(`1.${index}`), undefined),
          ...endings[kind](`1.${index}`),
        ]);
        const shuffled = events.map((event) => ({ event, at: chance.next().value })).toSorted((a, b) => a.at - b.at);
        expect(countAttempts(shuffled.map(({ event }) => event))).toEqual({
          counted: kinds.filter((kind) => kind !== "released").length,
          openEnded: kinds.includes("none"),
        });
      }),
    );
  });

  it("do not count without a start: one that was taken back although its start was never written is nothing", () => {
    expect(countAttempts([...endings.released("1.1"), ...endings.failed("1.2")])).toEqual({
      counted: 0,
      openEnded: false,
    });
  });
});

describe("an event's id", () => {
  it("is the same for the same happening, and another for each attempt and kind", () => {
    const ids = [
      attemptStarted(subject("1.1"), "v1"),
      attemptStarted({ ...subject("1.1"), at: "2026-02-02T00:00:00.000Z" }, "v2"),
      attemptStarted(subject("1.2"), "v1"),
      ...endings.failed("1.1"),
      ...endings.released("1.1"),
      attemptStarted({ ...subject("1.1"), hop: 1 }, "v1"),
    ].map(({ id }) => id);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(5);
  });

  it("fits, however long a delivery's id is", () => {
    expect(attemptStarted(subject("m".repeat(1_000)), undefined).id.length).toBeLessThanOrEqual(256);
  });
});
