import { type Agent, InvalidOptionsError, NonRetryableError, type TurnResult } from "@agenthandoff/core";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { createAgent, tool, toolStrategy } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { langchainAgent } from "./index.js";
import { entriesOf, fakeTurn } from "./testing/fake-turn.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent) => (await agent.run?.(fakeTurn())) as TurnResult;
const look = tool(() => "ten rows", { name: "look", schema: z.object({}) });
const handsTo = ["code", "qa"] as const;

/** The answer to each call, in the order of the calls; undefined where there is none. */
function answers(result: TurnResult): (string | undefined)[] {
  const messages = entriesOf(result, "message") as readonly BaseMessage[];
  const tools = messages.filter((message) => ToolMessage.isInstance(message));
  return messages
    .flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : []))
    .map(({ id }) => tools.find((each) => each.tool_call_id === id)?.text);
}

describe("a silent model", () => {
  const silent = (...more: AIMessage[]) => strictModel(says("I think it is fine."), ...more);

  it("completes the task with its answer by default", async () => {
    const result = await run(
      langchainAgent({ name: "research", handsTo, agent: createAgent({ model: silent(), tools: [] }) }),
    );
    expect(result.decision).toEqual({ kind: "complete" });
    expect(entriesOf(result, "output")).toEqual(["I think it is fine."]);
  });

  it("is asked once more with ask-again, and may then hand on", async () => {
    const model = silent(calls(["transfer_to_qa", { reason: "asked" }]));
    const result = await run(
      langchainAgent({ name: "research", handsTo, whenSilent: "ask-again", agent: createAgent({ model, tools: [] }) }),
    );
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "asked" });
    expect(model.calls[1]?.messages.at(-1)?.text).toContain("transfer_to_code, transfer_to_qa");
  });

  it("is asked only once: its second answer completes the task", async () => {
    const model = silent(says("It is done."));
    const result = await run(
      langchainAgent({ name: "research", handsTo, whenSilent: "ask-again", agent: createAgent({ model, tools: [] }) }),
    );
    expect(result.decision).toEqual({ kind: "complete" });
    expect(entriesOf(result, "output")).toEqual(["It is done."]);
    expect(model.calls).toHaveLength(2);
  });

  it("is asked once with a response format, too", async () => {
    const respond = (call: { tools: readonly string[] }) =>
      calls([call.tools.find((name) => name.startsWith("extract-")) ?? "", { verdict: "good" }]);
    const model = strictModel(respond, calls(["transfer_to_qa", { reason: "asked" }]));
    const agent = createAgent({ model, tools: [], responseFormat: toolStrategy(z.object({ verdict: z.string() })) });
    const result = await run(langchainAgent({ name: "research", handsTo, whenSilent: "ask-again", agent }));
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "asked" });
    expect(entriesOf(result, "output")).toEqual([{ verdict: "good" }]);
  });

  it("fails the task with fail, and what it wrote is kept", async () => {
    const result = await run(
      langchainAgent({
        name: "research",
        handsTo,
        whenSilent: "fail",
        agent: createAgent({ model: silent(), tools: [] }),
      }),
    );
    expect(result.decision).toMatchObject({
      kind: "fail",
      reason: 'agent "research" answered without handing the task on',
    });
    expect(entriesOf(result, "message")).toHaveLength(1);
  });

  it("goes to a fixed agent with { handoff }, its answer as output", async () => {
    const result = await run(
      langchainAgent({
        name: "research",
        handsTo,
        whenSilent: { handoff: "code" },
        agent: createAgent({ model: silent(), tools: [] }),
      }),
    );
    expect(result.decision).toEqual({ kind: "handoff", to: "code" });
    expect(entriesOf(result, "output")).toEqual(["I think it is fine."]);
  });

  it("is overruled by decide, which sees the final state", async () => {
    const decide = (state: unknown) =>
      (state as { messages: BaseMessage[] }).messages.at(-1)?.text.includes("fine")
        ? ({ handoff: "qa", reason: "fine" } as const)
        : "complete";
    const result = await run(
      langchainAgent({
        name: "research",
        handsTo,
        whenSilent: "fail",
        decide,
        agent: createAgent({ model: silent(), tools: [] }),
      }),
    );
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "fine" });
  });
});

describe("options that cannot work are refused when the agent is made", () => {
  const agent = createAgent({ model: strictModel(), tools: [look] });
  const bad: Record<string, () => unknown> = {
    "a schema for an agent it does not hand to": () =>
      langchainAgent({ name: "a", handsTo: ["b"], agent, handoffSchema: { c: z.object({}) } as never }),
    "a schema that is no object": () =>
      langchainAgent({ name: "a", handsTo: ["b"], agent, handoffSchema: { b: z.string() } as never }),
    "a schema with a reason of its own": () =>
      langchainAgent({ name: "a", handsTo: ["b"], agent, handoffSchema: { b: z.object({ reason: z.number() }) } }),
    "ask-again with nobody to hand to": () => langchainAgent({ name: "a", agent, whenSilent: "ask-again" }),
    "whenSilent to a stranger": () =>
      langchainAgent({ name: "a", handsTo: ["b"], agent, whenSilent: { handoff: "c" } as never }),
    "an agent that is none": () => langchainAgent({ name: "a", agent: {} as never }),
    "a name that is none": () => langchainAgent({ name: "A b", agent }),
  };
  it.each(Object.keys(bad))("%s", (title) => {
    expect(bad[title]).toThrow(InvalidOptionsError);
  });

  it("but a tool that clashes with a hand-off tool only when the agent runs", async () => {
    const clash = tool(() => "x", { name: "transfer_to_code", schema: z.object({}) });
    const research = langchainAgent({
      name: "research",
      handsTo,
      agent: createAgent({ model: strictModel(), tools: [clash] }),
    });
    await expect(run(research)).rejects.toThrow(/transfer_to_code/);
  });
});

describe("an error in a tool", () => {
  it("becomes a message for the model, as without the relay", async () => {
    const broken = tool(
      () => {
        throw new Error("no such file");
      },
      { name: "broken", schema: z.object({}) },
    );
    const model = strictModel(calls(["broken"]), says("Sorry."));
    const result = await run(langchainAgent({ name: "research", agent: createAgent({ model, tools: [broken] }) }));
    expect(answers(result)[0]).toContain("no such file");
    expect(result.decision.kind).toBe("complete");
  });

  it("fails the task at once when it is a NonRetryableError, and keeps what was learned and spent", async () => {
    const fatal = tool(
      () => {
        throw new NonRetryableError("the account is closed");
      },
      { name: "fatal", schema: z.object({}) },
    );
    const model = strictModel(calls(["look"]), calls(["fatal"]), says("never"));
    const result = await run(langchainAgent({ name: "research", agent: createAgent({ model, tools: [look, fatal] }) }));
    expect(result.decision).toMatchObject({ kind: "fail", reason: "the account is closed" });
    expect(entriesOf(result, "message").length).toBeGreaterThanOrEqual(3);
    expect(result.usage).toEqual({ modelCalls: 2, toolCalls: 2 });
    expect(model.calls).toHaveLength(2);
  });
});
