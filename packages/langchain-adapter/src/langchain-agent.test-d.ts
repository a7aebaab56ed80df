import { type Agent, createRelay } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, END, MessagesAnnotation, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { createAgent, tool } from "langchain";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { type AgentMemory, handoffFrom, langchainAgent } from "./index.js";
import { strictModel } from "./testing/strict-model.js";

const model = strictModel();
const agent = createAgent({ model, tools: [] });
const handsTo = ["code", "qa"] as const;

describe("langchainAgent", () => {
  it("keeps the names of the agent and of those it hands to", () => {
    expectTypeOf(langchainAgent({ name: "research", handsTo, agent })).toEqualTypeOf<
      Agent<"research", "code" | "qa">
    >();
    expectTypeOf(langchainAgent({ name: "research", handsTo: ["code", "qa"], agent })).toEqualTypeOf<
      Agent<"research", "code" | "qa">
    >();
    expectTypeOf(langchainAgent({ name: "deploy", agent })).toEqualTypeOf<Agent<"deploy", never>>();
  });

  it("takes every shape of agent", () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("n", () => ({}))
      .addEdge(START, "n")
      .addEdge("n", END)
      .compile();
    const other = new StateGraph(Annotation.Root({ a: Annotation<number> }))
      .addNode("n", () => ({}))
      .addEdge(START, "n")
      .compile();
    const look = tool(() => "x", { name: "look", schema: z.object({ a: z.number() }) });
    langchainAgent({ name: "a", agent: graph });
    langchainAgent({ name: "a", agent: other });
    langchainAgent({ name: "a", agent: agent.graph });
    langchainAgent({ name: "a", agent: RunnableLambda.from((rows: number) => rows) });
    langchainAgent({ name: "a", agent: model });
    langchainAgent({ name: "a", agent: createAgent({ model: "openai:gpt-5", tools: [look] }) });
    langchainAgent({
      name: "a",
      agent: createAgent({ model, tools: [], stateSchema: z.object({ rows: z.number() }) }),
    });
    langchainAgent({
      name: "a",
      agent: createAgent({ model, tools: [], stateSchema: new StateSchema({ rows: z.number() }) }),
    });
    langchainAgent({
      name: "a",
      agent: createAgent({ model, tools: [], responseFormat: z.object({ verdict: z.string() }) as never }),
    });
    langchainAgent({
      name: "a",
      agent: createAgent({ model, tools: [], contextSchema: z.object({ user: z.string() }) }),
    });
    langchainAgent({ name: "a", agent: () => agent });
    langchainAgent({ name: "a", agent: async () => model });
    // @ts-expect-error a plain object is no agent
    langchainAgent({ name: "a", agent: {} });
    // @ts-expect-error neither is a name
    langchainAgent({ name: "a", agent: "openai:gpt-5" });
  });

  it("knows whom the agent may hand to, in every option", () => {
    langchainAgent({
      name: "research",
      handsTo,
      whenSilent: { handoff: "qa" },
      decide: () => ({ handoff: "code" }),
      handoffSchema: { code: z.object({ rows: z.number() }) },
      agent: (memory) => {
        expectTypeOf(memory).toEqualTypeOf<AgentMemory<"code" | "qa">>();
        memory.handoff("code", { reason: "ready" });
        // @ts-expect-error it does not hand to deploy
        memory.handoff("deploy");
        return agent;
      },
    });
    // @ts-expect-error it does not hand to deploy
    langchainAgent({ name: "research", handsTo, agent, whenSilent: { handoff: "deploy" } });
    // @ts-expect-error it does not hand to deploy
    langchainAgent({ name: "research", handsTo, agent, decide: () => ({ handoff: "deploy" }) });
    // @ts-expect-error it does not hand to deploy
    langchainAgent({ name: "research", handsTo, agent, handoffSchema: { deploy: z.object({}) } });
    // @ts-expect-error it hands to nobody
    langchainAgent({ name: "research", agent, whenSilent: { handoff: "code" } });
  });

  it("lets a relay name a route that leads nowhere", () => {
    const backend = memory();
    const research = langchainAgent({ name: "research", handsTo: ["code"], agent });
    const code = langchainAgent({ name: "code", agent });
    createRelay({ id: "r", agents: [research, code], backend });
    createRelay({ id: "r", agents: [langchainAgent({ name: "alone", agent })], backend });
    // @ts-expect-error no agent named "code"
    createRelay({ id: "r", agents: [research], backend });
    // @ts-expect-error no agent to start with
    void createRelay({ id: "r", agents: [research, code], backend }).run({ to: "qa" });
  });
});

describe("handoffFrom", () => {
  it("hands to the agents that the caller names, or to any", () => {
    expectTypeOf(handoffFrom<"qa">({}).handoff).parameter(0).toEqualTypeOf<"qa">();
    expectTypeOf(handoffFrom({}).handoff).parameter(0).toEqualTypeOf<string>();
  });
});
