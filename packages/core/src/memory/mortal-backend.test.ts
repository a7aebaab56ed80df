import { describe, expect, it } from "vitest";
import { type Crash, crashAfter } from "./crash.js";
import { fakeClock } from "./fake-clock.js";
import { memory } from "./memory.js";
import { memoryData } from "./memory-data.js";
import type { MortalBackend } from "./mortal-backend.js";

const queue = { relayId: "relay", agent: "agent" };
const message = { body: "body", groupId: "t", deduplicationId: "1" };
const receiveOptions = { max: 1, waitMs: 0, visibilityMs: 10_000 };
const slot = "relay/slots/t/0000000000.ndjson.gz";

function createWorld() {
  const clock = fakeClock();
  const data = memoryData();
  return { clock, data, open: (crash?: Crash) => memory({ data, clock, crash }) };
}

/** Whether any of them settles, however long one waits. */
async function anySettles(clock: { advance(ms: number): Promise<void> }, calls: readonly Promise<unknown>[]) {
  let settled = 0;
  const count = () => void settled++;
  for (const call of calls) call.then(count, count);
  await clock.advance(60 * 60_000);
  return settled > 0;
}

const eachCall = ({ store, transport, audit, clock }: MortalBackend): Promise<unknown>[] => {
  const next = (items: AsyncIterable<unknown>) => items[Symbol.asyncIterator]().next();
  const event = { id: "1", relayId: "relay", taskId: "t", hop: 0, kind: "kind", at: "", detail: {} };
  return [
    store.putIfAbsent("key", new Uint8Array()),
    store.putIfAbsent(slot, new Uint8Array()),
    store.get("key"),
    next(store.list("")),
    store.overwrite("key", new Uint8Array()),
    store.delete("key"),
    transport.send(queue, message),
    transport.receive(queue, receiveOptions),
    next(transport.deadLetters(queue)),
    transport.redrive(queue),
    audit.append(event),
    next(audit.events("relay", "t")),
    next(audit.byAgent("relay", "agent")),
    audit.task("relay", "t"),
    next(audit.tasks("relay")),
    audit.intend({ relayId: "relay", taskId: "t", intentId: "1", requestId: "", operation: "start", at: "" }),
    audit.settle("relay", "t", "1"),
    next(audit.intents("relay")),
    audit.erase("relay", "t", []),
    clock.sleep(1),
  ];
};

describe("a dead process", () => {
  it("does nothing and hears nothing any more", async () => {
    const { clock, data, open } = createWorld();
    const backend = open();
    void backend.crash();
    await backend.crashed;
    expect(await anySettles(clock, eachCall(backend))).toBe(false);
    expect([data.objects.size, data.queues.size, data.tasks.size, data.intents.size, clock.pending]).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it("never hears the answer to what it had asked, nor of its sleeps, its signals and the rest of its lists", async () => {
    const { clock, open } = createWorld();
    const backend = open();
    for (const key of ["1", "2"]) await backend.store.putIfAbsent(key, new Uint8Array());
    const stop = new AbortController();
    const keys = backend.store.list("")[Symbol.asyncIterator]();
    expect((await keys.next()).value).toBe("1");
    const calls = [
      backend.store.get("1"),
      backend.transport.receive(queue, { ...receiveOptions, waitMs: 1_000 }),
      backend.clock.sleep(1_000),
      backend.clock.sleep(1_000, stop.signal),
      backend.crash(),
      keys.next(),
    ];
    stop.abort();
    expect(await anySettles(clock, calls)).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it("keeps its lease until it runs out, and takes no message that it was waiting for", async () => {
    const { clock, open } = createWorld();
    const [doomed, other] = [open(), open()];
    await doomed.transport.send(queue, message);
    await doomed.transport.receive(queue, receiveOptions);
    void doomed.transport.receive(queue, { ...receiveOptions, waitMs: 60_000 });
    void doomed.crash();
    await other.transport.send(queue, { ...message, groupId: "u", deduplicationId: "2" });
    await clock.advance(9_999);
    expect((await other.transport.receive(queue, receiveOptions)).map(({ id }) => id)).toEqual(["2.1"]);
    expect(await other.transport.receive(queue, receiveOptions)).toEqual([]);
    await clock.advance(1);
    expect((await other.transport.receive(queue, receiveOptions)).map(({ id }) => id)).toEqual(["1.2"]);
  });

  it("is closed without complaint, and its data stay for others", async () => {
    const { open } = createWorld();
    const [doomed, other] = [open(crashAfter("commit")), open()];
    void doomed.store.putIfAbsent(slot, new Uint8Array([7]));
    await doomed.crashed;
    await doomed.close();
    expect(await other.store.get(slot)).toEqual(new Uint8Array([7]));
  });
});

describe("a process that dies after something", () => {
  it("has done it, whole, and never learns that it has", async () => {
    const { clock, open } = createWorld();
    const [doomed, other] = [open(crashAfter("send")), open()];
    const waiting = doomed.transport.receive(queue, { ...receiveOptions, waitMs: 60_000 });
    const sending = doomed.transport.send(queue, message);
    await doomed.crashed;
    expect(await anySettles(clock, [waiting, sending])).toBe(false);
    // Not taken by the dead one's own wait either.
    expect((await other.transport.receive(queue, receiveOptions))[0]?.receiveCount).toBe(1);
  });

  it("does not die when another was faster: it has not done it", async () => {
    const { open } = createWorld();
    const [slow, fast] = [open(crashAfter("commit")), open()];
    await fast.store.putIfAbsent(slot, new Uint8Array());
    expect(await slow.store.putIfAbsent(slot, new Uint8Array())).toBe("exists");
    await slow.transport.send(queue, message);
    const second = open(crashAfter("acknowledge"));
    const [delivery] = await second.transport.receive(queue, { ...receiveOptions, visibilityMs: 0 });
    await fast.transport.receive(queue, receiveOptions);
    expect(await delivery?.acknowledge()).toBe("lease-lost");
  });
});

describe("a living process", () => {
  it("passes on what its backend answers, and what it refuses", async () => {
    const { clock, open } = createWorld();
    const backend = open(crashAfter("commit", { taskId: "another" }));
    expect(await backend.store.putIfAbsent(slot, new Uint8Array())).toBe("created");
    await expect(backend.store.get(slot, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
    await expect(backend.clock.sleep(1, AbortSignal.abort("enough"))).rejects.toBe("enough");
    const stop = new AbortController();
    const sleeping = backend.clock.sleep(10, stop.signal);
    stop.abort("enough");
    await expect(sleeping).rejects.toBe("enough");
    await clock.until(backend.clock.sleep(10));
    expect([backend.clock.now() - clock.now(), clock.pending]).toEqual([0, 0]);
  });
});
