import { createRelay, defineAgent, type HopEvent, type TaskResult } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { type BaseMessage, HumanMessage, type ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { createAgent } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { langchainAgent, type RelayProgress, relayRunnable, relayTool } from "../index.js";
import { calls, says, strictModel } from "../testing/strict-model.js";

/** Counts to the input, one agent after the other; fails for 13, asks for 7. */
function countingRelay() {
  const runs: unknown[] = [];
  const first = defineAgent({
    name: "first",
    handsTo: ["second"],
    run: ({ handoff, context }) => {
      runs.push(context.input);
      return handoff("second", { reason: "one" });
    },
  });
  const second = defineAgent({
    name: "second",
    run: ({ context, fail, wait, complete }) => {
      const { upTo } = context.input as { upTo: number };
      if (upTo === 13) return fail({ reason: "unlucky" });
      return upTo === 7 && context.answer === undefined
        ? wait({ question: "really seven?" })
        : complete({ output: { counted: upTo } });
    },
  });
  return { runs, relay: createRelay({ id: "counting", agents: [first, second], backend: memory() }) };
}
const schema = z.object({ upTo: z.number() });
const count = (relay: ReturnType<typeof countingRelay>["relay"]) =>
  relayTool(relay, { name: "count", description: "Counts.", schema, to: "first" });
const hopsOf = (events: readonly { readonly hop?: unknown; readonly decision?: unknown }[]) =>
  events.map(({ hop, decision }) => [hop, decision]);
const completed = [
  [0, "handoff"],
  [1, "handoff"],
  [2, "complete"],
];

describe("relayTool", () => {
  it("gives the model the output, and the program the whole result", async () => {
    const { relay } = countingRelay();
    const model = strictModel(calls(["count", { upTo: 3 }]), says("Done."));
    const { messages } = await createAgent({ model, tools: [count(relay)] }).invoke({
      messages: [new HumanMessage("Count.")],
    });
    const answer = messages.find((message: BaseMessage) => message.getType() === "tool") as ToolMessage;
    expect(answer.text).toBe('{"counted":3}');
    expect(answer.artifact).toMatchObject({ status: "completed", agent: "second", output: { counted: 3 } });
    await relay.close();
  });

  it("is an error of the tool when the task fails, and says so when it waits", async () => {
    const { relay } = countingRelay();
    const model = strictModel(calls(["count", { upTo: 13 }], ["count", { upTo: 7 }]), says("Hm."));
    await createAgent({ model, tools: [count(relay)] }).invoke({ messages: [new HumanMessage("Count.")] });
    const [failed, waits] = (model.calls[1]?.messages ?? []).filter((message) => message.getType() === "tool");
    expect(failed).toMatchObject({
      status: "error",
      content: expect.stringMatching(/task \S+ of count failed: unlucky/),
    });
    expect(waits?.text).toMatch(/The task \S+ of count waits for a person's answer to: really seven\?/);
    await relay.close();
  });

  it("shows each hop in the outer streamEvents, and in its custom stream", async () => {
    const { relay } = countingRelay();
    const agent = () =>
      createAgent({ model: strictModel(calls(["count", { upTo: 3 }]), says("Done.")), tools: [count(relay)] });
    const events: HopEvent[] = [];
    for await (const event of agent().streamEvents({ messages: [new HumanMessage("Count.")] }, { version: "v2" })) {
      if (event.event === "on_custom_event" && event.name === "agenthandoff.hop") events.push(event.data as HopEvent);
    }
    const written: HopEvent[] = [];
    for await (const chunk of await agent().stream(
      { messages: [new HumanMessage("Count.")] },
      { streamMode: "custom" },
    ))
      written.push(chunk as HopEvent);
    expect(hopsOf(events)).toEqual(completed);
    expect(hopsOf(written)).toEqual(completed);
    await relay.close();
  });

  it("stops when the run that called it is aborted, and the task is not lost", async () => {
    const started: string[] = [];
    const slow = defineAgent({
      name: "slow",
      run: ({ signal, context }) =>
        new Promise((_, reject) => {
          started.push(context.taskId);
          signal.addEventListener("abort", () => reject(signal.reason));
          stop.abort(new Error("enough"));
        }),
    });
    const stop = new AbortController();
    const relay = createRelay({ id: "slow", agents: [slow], backend: memory(), graceMs: 0 });
    const call = relayTool(relay, { name: "slow", description: "Slow.", schema: z.object({}), to: "slow" });
    await expect(call.invoke({}, { signal: stop.signal })).rejects.toThrow();
    expect(await relay.task(started[0] ?? "").head()).toMatchObject({ state: "running" });
    await relay.close();
  });

  it("continues the same task when the attempt that called it is repeated", async () => {
    const { relay, runs } = countingRelay();
    const model = strictModel(
      calls(["count", { upTo: 3 }]),
      new Error("503"),
      calls(["count", { upTo: 3 }]),
      says("Done."),
    );
    const outer = createRelay({
      id: "outer",
      agents: [langchainAgent({ name: "boss", agent: createAgent({ model, tools: [count(relay)] }) })],
      backend: memory(),
      backoffMs: 0,
    });
    expect(await outer.run({ to: "boss" })).toMatchObject({ status: "completed" });
    expect(runs).toEqual([{ upTo: 3 }]);
    await Promise.all([outer.close(), relay.close()]);
  });

  it("starts with what input and taskId make of the arguments, and can leave the work to others", async () => {
    const { relay } = countingRelay();
    const stop = new AbortController();
    const worker = relay.worker({ signal: stop.signal });
    const call = relayTool(relay, {
      name: "count",
      description: "Counts.",
      schema: z.object({ n: z.number() }),
      to: "first",
      work: false,
      input: ({ n }) => ({ upTo: n * 2 }),
      taskId: ({ n }) => `count-${n}`,
    });
    expect(await call.invoke({ n: 2 })).toBe('{"counted":4}');
    expect(await relay.task("count-2").head()).toMatchObject({ state: "completed" });
    stop.abort();
    await worker;
    await relay.close();
  });
});

describe("relayRunnable", () => {
  it("invokes to where the task came to rest, whichever way", async () => {
    const { relay } = countingRelay();
    const runnable = relayRunnable(relay, { to: "first" });
    expect(await runnable.invoke({ upTo: 3 })).toMatchObject({ status: "completed", output: { counted: 3 } });
    expect(await runnable.invoke({ upTo: 13 })).toMatchObject({ status: "failed", reason: "unlucky" });
    expect(await runnable.invoke({ upTo: 7 })).toMatchObject({ status: "waiting", question: "really seven?" });
    await relay.close();
  });

  it("streams each hop, and the end", async () => {
    const { relay } = countingRelay();
    const chunks: RelayProgress[] = [];
    for await (const chunk of await relayRunnable(relay, { to: "first" }).stream({ upTo: 3 })) chunks.push(chunk);
    expect(hopsOf(chunks.slice(0, -1) as HopEvent[])).toEqual(completed);
    expect(chunks.at(-1)).toMatchObject({ status: "completed", output: { counted: 3 } });
    await relay.close();
  });

  it("shows each hop as a custom event in streamEvents, alone and in a chain", async () => {
    const { relay } = countingRelay();
    const runnable = relayRunnable(relay, { to: "first" });
    const chain = RunnableLambda.from((upTo: number) => ({ upTo })).pipe(runnable);
    for (const [each, input] of [
      [runnable, { upTo: 3 }],
      [chain, 3],
    ] as const) {
      const events: HopEvent[] = [];
      for await (const event of (each as typeof runnable).streamEvents(input as never, { version: "v2" })) {
        if (event.event === "on_custom_event") events.push(event.data as HopEvent);
      }
      expect(hopsOf(events)).toEqual(completed);
    }
    await relay.close();
  });

  it("gives the next step of a chain the end alone, also when the chain is streamed", async () => {
    const { relay } = countingRelay();
    const chain = relayRunnable(relay, { to: "first" }).pipe(
      RunnableLambda.from((result: RelayProgress) => (result as TaskResult).status),
    );
    expect(await chain.invoke({ upTo: 3 })).toBe("completed");
    const chunks: unknown[] = [];
    for await (const chunk of await chain.stream({ upTo: 13 })) chunks.push(chunk);
    expect(chunks).toEqual(["failed"]);
    await relay.close();
  });

  it("continues the task that has the same id", async () => {
    const { relay, runs } = countingRelay();
    const runnable = relayRunnable(relay, { to: "first", taskId: (input: { upTo: number }) => `count-${input.upTo}` });
    await runnable.invoke({ upTo: 3 });
    expect(await runnable.invoke({ upTo: 3 })).toMatchObject({ status: "completed", taskId: "count-3" });
    expect(runs).toEqual([{ upTo: 3 }]);
    await relay.close();
  });

  it("can be an agent of another relay", async () => {
    const { relay } = countingRelay();
    const inner = langchainAgent({
      name: "inner",
      agent: relayRunnable(relay, { to: "first" }),
      input: (context) => context.input as object,
      decide: () => "complete",
    });
    const outer = createRelay({ id: "outer", agents: [inner], backend: memory() });
    expect(await outer.run({ to: "inner", input: { upTo: 3 } })).toMatchObject({
      status: "completed",
      output: { status: "completed", output: { counted: 3 } },
    });
    await Promise.all([outer.close(), relay.close()]);
  });

  it("stops working when nobody listens any more, and the task is not lost", async () => {
    const { relay } = countingRelay();
    for await (const chunk of await relayRunnable(relay, { to: "first", taskId: () => "left" }).stream({ upTo: 3 })) {
      if ("cursor" in chunk) break;
    }
    expect((await relay.run({ to: "first", input: { upTo: 3 }, taskId: "left" })).status).toBe("completed");
    await relay.close();
  });
});
