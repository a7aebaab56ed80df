import { once } from "node:events";
import { fakeClock } from "@agenthandoff/core/memory";
import { recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { describe, expect, it, vi } from "vitest";
import { sqsTransport } from "./sqs-transport.js";
import { ADDRESS, failing, faultServer, held, MESSAGE, silent, succeeding, yielding } from "./testing/fault-server.js";
import { testQueues } from "./testing/queues.js";

const wait = { max: 1, waitMs: 20_000, visibilityMs: 60_000 };

describe("a receive that is aborted", () => {
  it("yields what its poll has taken meanwhile, since nobody else would get it", async () => {
    const late = held(yielding("{}"));
    await using server = await faultServer({ ReceiveMessage: [late.answer] });
    const clock = fakeClock();
    const controller = new AbortController();
    const receiving = server.open({ clock }).receive(ADDRESS, { ...wait, signal: controller.signal });
    await server.received(1);
    controller.abort();
    late.release();
    expect(await receiving).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("does not poll again", async () => {
    const late = held(succeeding({}));
    await using server = await faultServer({ ReceiveMessage: [late.answer] });
    const controller = new AbortController();
    const receiving = server.open().receive(ADDRESS, { ...wait, signal: controller.signal });
    await server.received(1);
    controller.abort();
    late.release();
    expect(await receiving).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it("waits for no queue that fails", async () => {
    const late = held(failing("InternalFailure"));
    await using server = await faultServer({ ReceiveMessage: [late.answer] });
    const controller = new AbortController();
    const receiving = server.open().receive(ADDRESS, { ...wait, signal: controller.signal });
    await server.received(1);
    controller.abort();
    late.release();
    expect(await receiving).toEqual([]);
  });

  it("waits for no queue that is silent, beyond a poll and two seconds", async () => {
    await using server = await faultServer({ ReceiveMessage: [silent] });
    const clock = fakeClock();
    const controller = new AbortController();
    const receiving = server
      .open({ clock, longestPollSeconds: 3 })
      .receive(ADDRESS, { ...wait, signal: controller.signal });
    await server.received(1);
    controller.abort();
    expect(clock.pending).toBe(1);
    await clock.advance(5_000);
    expect(await receiving).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("before it begins asks for nothing", async () => {
    await using server = await faultServer({ ReceiveMessage: [yielding("{}")] });
    expect(await server.open().receive(ADDRESS, { ...wait, signal: AbortSignal.abort() })).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  it("leaves nothing behind on a signal that lives on", async () => {
    await using server = await faultServer({ ReceiveMessage: [succeeding({})] });
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    await server.open().receive(ADDRESS, { ...wait, waitMs: 0, signal });
    expect(added).toHaveBeenCalled();
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});

describe("a close", () => {
  it("ends a receive that waits, which rejects", async () => {
    await using server = await faultServer({ ReceiveMessage: [silent] });
    const transport = server.open();
    const receiving = transport.receive(ADDRESS, wait);
    await server.received(1);
    transport.close();
    await expect(receiving).rejects.toThrow("this handle was closed");
  });

  it("leaves a client that was passed in to its owner", async () => {
    await using server = await faultServer({ ReceiveMessage: [succeeding({})] });
    const { client, transport } = server.openWithClient();
    const destroy = vi.spyOn(client, "destroy");
    transport.close();
    expect(destroy).not.toHaveBeenCalled();
  });
});

describeWithServers(["sqs"], "a receive that is aborted while SQS waits for it", ({ sqs }) => {
  it("strands no message that comes after: it is yielded at its first receipt", async () => {
    using place = testQueues(sqs);
    const queues = { agent: await place.create() };
    const client = place.another();
    const calls = recordCalls(client);
    const sending = new EventTarget();
    client.middlewareStack.add((next) => async (call) => {
      sending.dispatchEvent(new Event("sending"));
      return await next(call);
    });
    const begun = once(sending, "sending");
    const controller = new AbortController();
    const receiving = sqsTransport({ queues, client }).receive(ADDRESS, { ...wait, signal: controller.signal });
    await begun;
    controller.abort();
    await sqsTransport({ queues, client: place.another() }).send(ADDRESS, MESSAGE);
    const [delivery] = await receiving;
    expect(delivery?.receiveCount).toBe(1);
    expect(calls.filter(({ operation }) => operation === "ReceiveMessage")).toHaveLength(1);
  });
});
