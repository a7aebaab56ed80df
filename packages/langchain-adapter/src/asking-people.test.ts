import type { Agent, TurnResult } from "@agenthandoff/core";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { type AgentMiddleware, createAgent, createMiddleware, humanInTheLoopMiddleware, tool } from "langchain";
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
const humanInTheLoop = (interruptOn: Record<string, unknown>) =>
  humanInTheLoopMiddleware({ interruptOn } as never) as unknown as AgentMiddleware;

describe("an agent that asks before a tool runs (humanInTheLoopMiddleware)", () => {
  function deploy(...answers: AIMessage[]) {
    const ran: unknown[] = [];
    const publish = tool(
      (args) => {
        ran.push(args);
        return `published ${args.version}`;
      },
      {
        name: "publish",
        schema: z.object({ version: z.string() }),
      },
    );
    const model = strictModel(...answers);
    const agent = createAgent({ model, tools: [publish], middleware: [humanInTheLoop({ publish: true })] });
    return { ran, model, agent: langchainAgent({ name: "deploy", handsTo, agent }) };
  }
  const asks = () => calls(["publish", { version: "1.0.0" }]);

  it("waits with the request as its question, and has not run the tool", async () => {
    const { agent, ran } = deploy(asks());
    const waiting = await run(agent, begin);
    expect(questionOf(waiting)).toMatchObject({ actionRequests: [{ name: "publish", args: { version: "1.0.0" } }] });
    expect(ran).toEqual([]);
    expect(messagesOf(waiting)).toHaveLength(1);
  });

  it("goes on after an approval, without asking the model again for what it had answered", async () => {
    const { agent, ran, model } = deploy(asks(), says("Published."));
    const waiting = await run(agent, begin);
    const result = await run(agent, afterwards(begin, "deploy", waiting, { decisions: [{ type: "approve" }] }));
    expect(ran).toEqual([{ version: "1.0.0" }]);
    expect(model.calls).toHaveLength(2);
    expect(result.decision).toEqual({ kind: "complete" });
    expect(messagesOf(result).map((message) => message.text)).toEqual(["published 1.0.0", "Published."]);
  });

  it("shows the model the past before the question only: the rest is its own state", async () => {
    const { agent, model } = deploy(asks(), says("Published."));
    const waiting = await run(agent, begin);
    await run(agent, afterwards(begin, "deploy", waiting, { decisions: [{ type: "approve" }] }));
    expect(model.calls[1]?.messages[0]?.text).toBe(model.calls[0]?.messages[0]?.text);
    expect(model.calls[1]?.messages.map((message) => message.getType())).toEqual(["human", "human", "ai", "tool"]);
  });

  it("runs an edited call, and the record holds the call as it was and as it became", async () => {
    const { agent, ran } = deploy(asks(), says("Published."));
    const waiting = await run(agent, begin);
    const edit = { type: "edit", editedAction: { name: "publish", args: { version: "2.0.0" } } };
    const result = await run(agent, afterwards(begin, "deploy", waiting, { decisions: [edit] }));
    expect(ran).toEqual([{ version: "2.0.0" }]);
    const versions = [...messagesOf(waiting), ...messagesOf(result)]
      .flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : []))
      .map(({ args }) => args.version);
    expect(versions).toEqual(["1.0.0", "2.0.0"]);
  });

  it("tells the model of a rejection", async () => {
    const { agent, ran, model } = deploy(asks(), says("Not published."));
    const waiting = await run(agent, begin);
    await run(
      agent,
      afterwards(begin, "deploy", waiting, { decisions: [{ type: "reject", message: "not on a Friday" }] }),
    );
    expect(ran).toEqual([]);
    expect(model.calls[1]?.messages.at(-1)?.text).toBe("not on a Friday");
  });

  it("can ask again and again, each question being answered once", async () => {
    const { agent, ran } = deploy(asks(), asks(), says("Published twice."));
    const approve = { decisions: [{ type: "approve" }] };
    const first = await run(agent, begin);
    const afterFirst = afterwards(begin, "deploy", first, approve);
    const second = await run(agent, afterFirst);
    expect(ran).toHaveLength(1);
    const result = await run(agent, afterwards(afterFirst, "deploy", second, approve));
    expect(ran).toHaveLength(2);
    expect(result.decision).toEqual({ kind: "complete" });
    const ids = [first, second, result].flatMap(messagesOf).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("still hands on afterwards", async () => {
    const { agent } = deploy(asks(), calls(["transfer_to_qa", { reason: "published" }]));
    const waiting = await run(agent, begin);
    const result = await run(agent, afterwards(begin, "deploy", waiting, { decisions: [{ type: "approve" }] }));
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "published" });
  });

  it("applies the answer again when the run after it failed and the task is retried", async () => {
    const { agent, ran } = deploy(asks(), says("Published."));
    const waiting = await run(agent, begin);
    const hops: FakeHop[] = [
      ...afterwards(begin, "deploy", waiting, { decisions: [{ type: "approve" }] }),
      { from: "deploy", decision: { kind: "fail", reason: "the network was down" } },
      { from: null, decision: { kind: "handoff", to: "deploy" } },
    ];
    const result = await run(agent, hops);
    expect(ran).toEqual([{ version: "1.0.0" }]);
    expect(result.decision).toEqual({ kind: "complete" });
  });

  it("can be asked about the hand-off itself", async () => {
    const model = strictModel(calls(["transfer_to_qa", { reason: "ready" }]));
    const agent = createAgent({ model, tools: [], middleware: [humanInTheLoop({ transfer_to_qa: true })] });
    const deployer = langchainAgent({ name: "deploy", handsTo, agent });
    const waiting = await run(deployer, begin);
    const result = await run(deployer, afterwards(begin, "deploy", waiting, { decisions: [{ type: "approve" }] }));
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "ready" });
  });
});

it("an agent that asked by other means gets the answer as its message", async () => {
  const model = strictModel(says("Thanks."));
  const hops: FakeHop[] = [
    ...begin,
    { from: "deploy", decision: { kind: "wait", on: { kind: "answer" } } },
    answered("blue", "deploy"),
  ];
  await run(
    langchainAgent({
      name: "deploy",
      agent: createAgent({ model, tools: [], middleware: [createMiddleware({ name: "None" })] }),
    }),
    hops,
  );
  expect(model.calls[0]?.messages.at(-1)?.text).toContain("a person answers: blue");
});
