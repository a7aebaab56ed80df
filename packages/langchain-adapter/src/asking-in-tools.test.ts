import type { Agent, TurnResult } from "@agenthandoff/core";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { Annotation, END, interrupt, MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent, type ToolRuntime, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { langchainAgent, langchainCodec } from "./index.js";
import { answered, entriesOf, type FakeHop, fakeTurn, hopOf, started } from "./testing/fake-turn.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent, hops: readonly FakeHop[]) => (await agent.run?.(fakeTurn(hops))) as TurnResult;
const messagesOf = (result: TurnResult) => entriesOf(result, "message") as readonly BaseMessage[];
const questionOf = ({ decision }: TurnResult) => (decision.kind === "wait" ? decision.question : undefined);

/** The wait, as it comes back from storage in another process, and the answer. */
function afterwards(hops: readonly FakeHop[], name: string, waiting: TurnResult, answer: unknown): FakeHop[] {
  expect(waiting.decision.kind).toBe("wait");
  const entries = langchainCodec.decode(
    JSON.parse(JSON.stringify(langchainCodec.encode([...waiting.entries]))),
  ) as TurnResult["entries"];
  return [...hops, hopOf(name, { ...waiting, entries }), answered(answer, name)];
}

const handsTo = ["qa"] as const;
const begin = [started("go", "deploy")];
describe("a tool that asks (interrupt)", () => {
  function asking(...answers: AIMessage[]) {
    const ran = { quick: 0, done: [] as unknown[] };
    const quick = tool(
      () => {
        ran.quick++;
        return "quick";
      },
      { name: "quick", schema: z.object({}) },
    );
    const ask = tool(
      ({ about }) => {
        const answer: unknown = interrupt({ about });
        ran.done.push(answer);
        return `${about}: ${JSON.stringify(answer)}`;
      },
      { name: "ask", schema: z.object({ about: z.string() }) },
    );
    const twice = tool(
      () => {
        const first: unknown = interrupt("first?");
        const second: unknown = interrupt("second?");
        return JSON.stringify([first, second]);
      },
      { name: "twice", schema: z.object({}) },
    );
    const model = strictModel(...answers);
    return {
      ran,
      model,
      agent: langchainAgent({ name: "deploy", handsTo, agent: createAgent({ model, tools: [quick, ask, twice] }) }),
    };
  }

  it("does not run finished siblings again", async () => {
    const { agent, ran } = asking(calls(["quick"], ["ask", { about: "price" }]), says("Done."));
    const waiting = await run(agent, begin);
    expect(questionOf(waiting)).toEqual({ about: "price" });
    const result = await run(agent, afterwards(begin, "deploy", waiting, "ok"));
    expect(ran).toEqual({ quick: 1, done: ["ok"] });
    expect(result.decision).toEqual({ kind: "complete" });
    const all = [...messagesOf(waiting), ...messagesOf(result)];
    expect(
      all
        .filter((message) => ToolMessage.isInstance(message))
        .map((message) => message.text)
        .toSorted(),
    ).toEqual(['price: "ok"', "quick"]);
  });

  it("keeps the answers of finished siblings in the order of their calls", async () => {
    const echo = tool(({ n }) => String(n), { name: "echo", schema: z.object({ n: z.number() }) });
    const ask = tool(() => String(interrupt("sure?")), { name: "ask", schema: z.object({}) });
    const numbers = [1, 2, 3, 4, 5, 6, 7];
    const model = strictModel(calls(...numbers.map((n) => ["echo", { n }] as const), ["ask"]), says("Done."));
    const deployer = langchainAgent({ name: "deploy", agent: createAgent({ model, tools: [echo, ask] }) });
    const waiting = await run(deployer, begin);
    await run(deployer, afterwards(begin, "deploy", waiting, "yes"));
    const seen = model.calls[1]?.messages.filter((message) => ToolMessage.isInstance(message));
    expect(seen?.map((message) => message.text)).toEqual([...numbers.map(String), "yes"]);
  });

  it("asks two questions of one message at once, and takes a list of answers", async () => {
    const { agent, ran } = asking(calls(["ask", { about: "a" }], ["ask", { about: "b" }]), says("Done."));
    const waiting = await run(agent, begin);
    expect(questionOf(waiting)).toEqual([{ about: "a" }, { about: "b" }]);
    await run(agent, afterwards(begin, "deploy", waiting, [1, 2]));
    expect(ran.done.toSorted()).toEqual([1, 2]);
  });

  it("asks the same again when the answer does not fit the questions, and runs nothing", async () => {
    const { agent, ran } = asking(calls(["ask", { about: "a" }], ["ask", { about: "b" }]), says("Done."));
    const waiting = await run(agent, begin);
    const hops = afterwards(begin, "deploy", waiting, "yes");
    const again = await run(agent, hops);
    expect(again.decision).toMatchObject({
      kind: "wait",
      question: [{ about: "a" }, { about: "b" }],
      reason: "the answer must be a list with one answer for each of the 2 questions",
    });
    expect(ran.done).toEqual([]);
    await run(agent, afterwards(hops, "deploy", again, [1, 2]));
    expect(ran.done.toSorted()).toEqual([1, 2]);
  });

  it("asks one question after the other, and remembers the first answer", async () => {
    const { agent } = asking(calls(["twice"]), says("Done."));
    const first = await run(agent, begin);
    expect(questionOf(first)).toBe("first?");
    const hops = afterwards(begin, "deploy", first, 1);
    const second = await run(agent, hops);
    expect(questionOf(second)).toBe("second?");
    const result = await run(agent, afterwards(hops, "deploy", second, 2));
    expect(messagesOf(result).map((message) => message.text)).toEqual(["[1,2]", "Done."]);
  });

  it("beside a hand-off: the task is handed on when the answer is there", async () => {
    const { agent, ran } = asking(calls(["transfer_to_qa", { reason: "ready" }], ["ask", { about: "a" }]));
    const waiting = await run(agent, begin);
    const result = await run(agent, afterwards(begin, "deploy", waiting, "fine"));
    expect(ran.done).toEqual(["fine"]);
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "ready" });
  });

  it("does not ask a silent model again that was asked before the question", async () => {
    const model = strictModel(says("Hm."), calls(["ask"]), says("Done."));
    const ask = tool(() => String(interrupt("sure?")), { name: "ask", schema: z.object({}) });
    const agent = createAgent({ model, tools: [ask] });
    const deployer = langchainAgent({ name: "deploy", handsTo, whenSilent: "ask-again", agent });
    const waiting = await run(deployer, begin);
    const result = await run(deployer, afterwards(begin, "deploy", waiting, "yes"));
    expect(result.decision).toEqual({ kind: "complete" });
    expect(model.calls).toHaveLength(3);
  });

  it("keeps what JSON cannot say across the wait", async () => {
    const seen: unknown[] = [];
    const ask = tool(
      (_, runtime: ToolRuntime) => {
        const answer: unknown = interrupt({ since: new Date(0) });
        seen.push(answer, (runtime.state as { count: unknown }).count);
        return "ok";
      },
      { name: "ask", schema: z.object({}) },
    );
    const agent = createAgent({
      model: strictModel(calls(["ask"]), says("Done.")),
      tools: [ask],
      stateSchema: z.object({ count: z.any() }),
    });
    const deployer = langchainAgent({ name: "deploy", agent, input: () => ({ count: new Map([[1n, new Date(1)]]) }) });
    const waiting = await run(deployer, begin);
    expect(questionOf(waiting)).toEqual({ since: new Date(0) });
    await run(deployer, afterwards(begin, "deploy", waiting, { until: new Date(2) }));
    expect(seen).toEqual([{ until: new Date(2) }, new Map([[1n, new Date(1)]])]);
  });
});

describe("a graph that asks", () => {
  it("goes on in the node that asked", async () => {
    const visited: string[] = [];
    const graph = new StateGraph(Annotation.Root({ plan: Annotation<string>, verdict: Annotation<unknown> }))
      .addNode("plan_it", () => {
        visited.push("plan");
        return { plan: "ship it" };
      })
      .addNode("approve", (state) => ({ verdict: interrupt({ plan: state.plan }) as unknown }))
      .addEdge(START, "plan_it")
      .addEdge("plan_it", "approve")
      .addEdge("approve", END)
      .compile();
    const agent = langchainAgent({ name: "deploy", agent: graph, input: () => ({ plan: "" }) });
    const waiting = await run(agent, begin);
    expect(questionOf(waiting)).toEqual({ plan: "ship it" });
    const result = await run(agent, afterwards(begin, "deploy", waiting, { ok: true }));
    expect(visited).toEqual(["plan"]);
    expect(entriesOf(result, "output")).toEqual([{ plan: "ship it", verdict: { ok: true } }]);
  });

  it("waits at a breakpoint without a question, and goes on after any answer", async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("speak", () => ({ messages: [new AIMessage("spoken")] }))
      .addEdge(START, "speak")
      .addEdge("speak", END)
      .compile({ interruptBefore: ["speak"], checkpointer: new MemorySaver() });
    const agent = langchainAgent({ name: "deploy", agent: graph });
    const waiting = await run(agent, begin);
    const result = await run(agent, afterwards(begin, "deploy", waiting, "go on"));
    expect(entriesOf(result, "output")).toEqual(["spoken"]);
  });

  it("goes on inside an agent that a tool of the agent runs", async () => {
    const inner = createAgent({
      model: strictModel(calls(["ask"]), says("inner done")),
      tools: [tool(() => `told ${String(interrupt("inner?"))}`, { name: "ask", schema: z.object({}) })],
    });
    const delegate = tool(
      async () => {
        const { messages } = await inner.invoke({ messages: [{ role: "user", content: "do" }] });
        return messages.map((message) => message.text).join(" | ");
      },
      { name: "delegate", schema: z.object({}) },
    );
    const agent = langchainAgent({
      name: "deploy",
      agent: createAgent({ model: strictModel(calls(["delegate"]), says("Done.")), tools: [delegate] }),
    });
    const waiting = await run(agent, begin);
    expect(questionOf(waiting)).toBe("inner?");
    const result = await run(agent, afterwards(begin, "deploy", waiting, "yes"));
    expect(messagesOf(result).map((message) => message.text)).toContain("do |  | told yes | inner done");
  });
});
