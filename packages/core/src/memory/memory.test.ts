import { describe, expect, it } from "vitest";
import type { AuditEvent, Delivery } from "../ports/index.js";
import { fakeClock } from "./fake-clock.js";
import { memory } from "./memory.js";
import { memoryData } from "./memory-data.js";

// That these drivers keep every promise of the contracts is tested by the suites of `@agenthandoff/conformance`.

const queue = { relayId: "relay", agent: "agent" };
const receiveOptions = { max: 10, waitMs: 0, visibilityMs: 1_000 };

async function first(deliveries: Promise<readonly Delivery[]>): Promise<Delivery> {
  const [delivery] = await deliveries;
  if (delivery === undefined) throw new Error("no message came");
  return delivery;
}

describe("memory", () => {
  it("keeps the data of two backends apart, and shares those of two handles", async () => {
    const data = memoryData();
    const [one, other, stranger] = [memory({ data }), memory({ data }), memory()];
    await one.store.putIfAbsent("key", new Uint8Array([1]));
    expect(await other.store.get("key")).toEqual(new Uint8Array([1]));
    expect(await stranger.store.get("key")).toBeUndefined();
  });

  it("takes its options", async () => {
    const { transport, audit, visibilityMs } = memory({
      visibilityMs: 5,
      maxMessageBytes: 6,
      maxVisibilityMs: 7,
      deduplicationMs: 8,
      maxEventBytes: 9,
    });
    const { maxMessageBytes, maxVisibilityMs, deduplicationMs } = transport;
    expect([visibilityMs, maxMessageBytes, maxVisibilityMs, deduplicationMs, audit.maxEventBytes]).toEqual([
      5, 6, 7, 8, 9,
    ]);
  });

  it("holds back the messages ahead of a held one too, as SQS does", async () => {
    const { transport } = memory();
    for (const body of ["1", "2"]) await transport.send(queue, { body, groupId: "group", deduplicationId: body });
    const [one, two] = await transport.receive(queue, receiveOptions);
    await one?.release(0);
    expect(await transport.receive(queue, receiveOptions)).toEqual([]);
    await two?.acknowledge();
    expect((await first(transport.receive(queue, receiveOptions))).body).toBe("1");
  });

  it("hides a message for maxVisibilityMs at most", async () => {
    const clock = fakeClock();
    const { transport } = memory({ clock, maxVisibilityMs: 100 });
    await transport.send(queue, { body: "body", groupId: "group", deduplicationId: "1" });
    await first(transport.receive(queue, { ...receiveOptions, visibilityMs: 1_000_000 }));
    await clock.advance(100);
    await first(transport.receive(queue, receiveOptions));
  });

  it("gives one message to one of the receivers that wait for it", async () => {
    const clock = fakeClock();
    const { transport } = memory({ clock });
    const waiting = [1, 2, 3].map(() => transport.receive(queue, { ...receiveOptions, waitMs: 500 }));
    await clock.advance(100);
    await transport.send(queue, { body: "body", groupId: "group", deduplicationId: "1" });
    await clock.advance(400);
    expect((await Promise.all(waiting)).map(({ length }) => length)).toEqual([1, 0, 0]);
    expect(clock.pending).toBe(0);
  });

  it("keeps copies: what a caller does to an event afterwards changes nothing", async () => {
    const { audit } = memory();
    const detail = { list: [1] };
    const event: AuditEvent = { id: "1", relayId: "r", taskId: "t", hop: 0, kind: "kind", at: "", detail };
    await audit.append(event);
    detail.list.push(2);
    for await (const kept of audit.events("r", "t")) (kept.detail.list as number[]).push(3);
    for await (const kept of audit.events("r", "t")) expect(kept.detail).toEqual({ list: [1] });
  });

  it("says, once it is closed, that it was closed and that trying again is useless", async () => {
    const backend = memory();
    await backend.close();
    await expect(backend.store.get("key")).rejects.toMatchObject({
      code: "STORE",
      retryable: false,
      message: expect.stringContaining("this handle was closed"),
    });
  });
});
