import { createRelay, defineAgent, NonRetryableError } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { type AgentMiddleware, createAgent, humanInTheLoopMiddleware, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { langchainAgent } from "./index.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

const noArguments = z.object({});

describe("in a relay", () => {
  it("each agent works from everything that the earlier ones learned, whatever their shapes", async () => {
    const sample = tool(() => ["3 rows", new Map([["since", new Date(0)]])], {
      name: "sample",
      schema: noArguments,
      responseFormat: "content_and_artifact",
    });
    const research = langchainAgent({
      name: "research",
      handsTo: ["code"],
      agent: createAgent({
        model: strictModel(calls(["sample"]), calls(["transfer_to_code", { reason: "three rows" }])),
        tools: [sample],
      }),
    });
    const code = langchainAgent({
      name: "code",
      handsTo: ["qa"],
      agent: strictModel(says("export {}")),
      whenSilent: { handoff: "qa" },
    });
    const checked: unknown[] = [];
    const qa = defineAgent({
      name: "qa",
      handsTo: ["deploy"],
      run: ({ context, handoff }) => {
        checked.push(
          context.latest("code"),
          (context.messages({ agent: "research" }) as BaseMessage[]).map((message) => message.getType()),
        );
        return handoff("deploy", { reason: "fine" });
      },
    });
    const model = strictModel(says("Deployed."));
    const deploy = langchainAgent({ name: "deploy", agent: createAgent({ model, tools: [] }) });
    const relay = createRelay({ id: "chain", agents: [research, code, qa, deploy], backend: memory() });
    const result = await relay.run({ to: "research", input: { file: "orders.csv" }, taskId: "orders" });

    expect(result).toMatchObject({ status: "completed", output: "Deployed.", agent: "deploy" });
    expect(checked).toEqual(["export {}", ["ai", "tool", "ai", "tool"]]);
    expect(model.calls[0]?.messages[0]?.text).toContain("[1.1] result of sample: 3 rows");
    const context = await relay.task("orders").context();
    const [, sampled] = context.messages({ agent: "research" });
    expect(sampled).toBeInstanceOf(ToolMessage);
    expect((sampled as ToolMessage).artifact).toEqual(new Map([["since", new Date(0)]]));
    expect(context.handoffs.map(({ usage }) => usage?.modelCalls)).toEqual([undefined, 2, 1, undefined, 1]);
    expect(await relay.task("orders").verify()).toMatchObject({ problems: [] });
    await relay.close();
  });

  it("a person approves what an agent asks, and the agent goes on", async () => {
    const published: string[] = [];
    const publish = tool(({ version }) => published.push(version), {
      name: "publish",
      schema: z.object({ version: z.string() }),
    });
    const deploy = langchainAgent({
      name: "deploy",
      agent: createAgent({
        model: strictModel(calls(["publish", { version: "1.0.0" }]), says("Published.")),
        tools: [publish],
        middleware: [
          humanInTheLoopMiddleware({ interruptOn: { publish: true } } as never) as unknown as AgentMiddleware,
        ],
      }),
    });
    const relay = createRelay({ id: "approval", agents: [deploy], backend: memory() });
    const waiting = await relay.run({ to: "deploy", taskId: "t1" });
    if (waiting.status !== "waiting") throw new Error(`it is ${waiting.status}`);
    expect(waiting.question).toMatchObject({ actionRequests: [{ name: "publish" }] });
    expect(published).toEqual([]);

    const stop = new AbortController();
    const working = relay.worker({ signal: stop.signal });
    await relay.task("t1").resume({ head: waiting.head, answer: { decisions: [{ type: "approve" }] }, by: "ann" });
    for await (const event of relay.task("t1").watch()) if (event.decision === "complete") break;
    expect(await relay.task("t1").result()).toMatchObject({ status: "completed", output: "Published." });
    expect(published).toEqual(["1.0.0"]);
    stop.abort();
    await working;
    await relay.close();
  });

  it("a run that throws is tried again from the same past", async () => {
    const model = strictModel(new Error("503"), says("Second attempt."));
    const relay = createRelay({
      id: "again",
      agents: [langchainAgent({ name: "a", agent: createAgent({ model, tools: [] }) })],
      backend: memory(),
      backoffMs: 0,
    });
    expect(await relay.run({ to: "a", input: "go" })).toMatchObject({ status: "completed", output: "Second attempt." });
    expect(model.calls.map(({ messages }) => messages.map((message) => message.text))).toEqual([
      model.calls[1]?.messages.map((message) => message.text),
      model.calls[1]?.messages.map((message) => message.text),
    ]);
    await relay.close();
  });

  it("a NonRetryableError in a tool fails the task, and the messages so far are kept", async () => {
    const fatal = tool(
      () => {
        throw new NonRetryableError("the account is closed");
      },
      { name: "fatal", schema: noArguments },
    );
    const relay = createRelay({
      id: "fatal",
      agents: [
        langchainAgent({ name: "a", agent: createAgent({ model: strictModel(calls(["fatal"])), tools: [fatal] }) }),
      ],
      backend: memory(),
    });
    expect(await relay.run({ to: "a", taskId: "t" })).toMatchObject({
      status: "failed",
      reason: "the account is closed",
    });
    expect((await relay.task("t").context()).messages()[0]).toBeInstanceOf(AIMessage);
    await relay.close();
  });

  it("what cannot be kept is refused at the sender, with its place", async () => {
    const lambda = RunnableLambda.from(() => ({ rows: [() => 1] }));
    const relay = createRelay({
      id: "loss",
      agents: [langchainAgent({ name: "a", agent: lambda })],
      backend: memory(),
    });
    const result = await relay.run({ to: "a" });
    expect(result).toMatchObject({ status: "failed" });
    expect(JSON.stringify(result)).toMatch(/a function at \$.*rows\[0\]/);
    await relay.close();
  });
});
