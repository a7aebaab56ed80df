import type { Agent, TurnResult } from "@agenthandoff/core";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { createAgent, createMiddleware, type ToolRuntime, tool, toolStrategy } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { handoffFrom, handoffToolName, langchainAgent } from "./index.js";
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

describe("handing off", () => {
  it("ends the run at once: the model is not called again", async () => {
    const model = strictModel(calls(["transfer_to_code", { reason: "types are known" }]));
    const result = await run(langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [] }) }));
    expect(result.decision).toEqual({ kind: "handoff", to: "code", reason: "types are known" });
    expect(model.calls).toHaveLength(1);
    expect(entriesOf(result, "output")).toEqual([]);
  });

  it.each([
    ["before", calls(["transfer_to_code", { reason: "r" }], ["look"])],
    ["after", calls(["look"], ["transfer_to_code", { reason: "r" }])],
  ])("runs a tool that is called %s it in the same message, and answers every call", async (_title, message) => {
    const model = strictModel(message);
    const result = await run(
      langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [look] }) }),
    );
    expect(result.decision).toMatchObject({ kind: "handoff", to: "code" });
    expect(answers(result).toSorted()).toEqual(['The task goes to "code" at the end of this turn.', "ten rows"]);
    expect(model.calls).toHaveLength(1);
  });

  it("goes to the first of two in one message, and tells the other that it was ignored", async () => {
    const model = strictModel(
      calls(["transfer_to_qa", { reason: "first" }], ["transfer_to_code", { reason: "second" }]),
    );
    const result = await run(langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [] }) }));
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "first" });
    expect(answers(result)).toEqual([
      'The task goes to "qa" at the end of this turn.',
      "Ignored: transfer_to_qa was called first.",
    ]);
  });

  it("is not confused by a user's tool that is named like one", async () => {
    const bank = tool(() => "paid", { name: "transfer_to_bank", schema: z.object({}) });
    const model = strictModel(calls(["transfer_to_bank"], ["transfer_to_qa", { reason: "paid" }]));
    const result = await run(
      langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [bank] }) }),
    );
    expect(result.decision).toMatchObject({ kind: "handoff", to: "qa" });
  });

  it("lets the model try again when its arguments do not fit", async () => {
    const model = strictModel(calls(["transfer_to_qa", { why: 1 }]), calls(["transfer_to_qa", { reason: "now" }]));
    const result = await run(langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [] }) }));
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "now" });
    expect(answers(result)[0]).toContain("reason");
  });

  it("hands over what its schema asks for as the output of the hop", async () => {
    const model = strictModel(calls(["transfer_to_code", { reason: "ready", rows: 10, since: "2026-01-01" }]));
    const schema = z.object({ rows: z.number(), since: z.coerce.date() as unknown as z.ZodString });
    const agent = langchainAgent({
      name: "research",
      handsTo,
      handoffSchema: { code: schema },
      agent: createAgent({ model, tools: [] }),
    });
    const result = await run(agent);
    expect(result.decision).toEqual({ kind: "handoff", to: "code", reason: "ready" });
    expect(entriesOf(result, "output")).toEqual([{ rows: 10, since: new Date("2026-01-01") }]);
  });

  it("takes a hand-off that stands beside a structured response, which LangChain would leave undone", async () => {
    const message = calls(["extract-0", {}], ["transfer_to_qa", { reason: "checked" }], ["look"]);
    const format = toolStrategy(z.object({ verdict: z.string() }));
    const model = strictModel((call) => {
      const extract = call.tools.find((name) => name.startsWith("extract-")) ?? "";
      const [first, ...rest] = message.tool_calls ?? [];
      return new AIMessage({
        content: "",
        tool_calls: [{ ...first, name: extract, args: { verdict: "good" } } as never, ...rest],
      });
    });
    const agent = createAgent({ model, tools: [look], responseFormat: format });
    const result = await run(langchainAgent({ name: "research", handsTo, agent }));
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "checked" });
    expect(entriesOf(result, "output")).toEqual([{ verdict: "good" }]);
    expect(answers(result)).not.toContain(undefined);
  });

  it("may be done by any tool, through handoffFrom", async () => {
    // #region from-a-tool
    const finish = tool(
      (_, runtime: ToolRuntime) => {
        const memory = handoffFrom<"qa">(runtime); // also from the config of a node or lambda
        memory.add({ kind: "artifact", name: "report.md", data: `# ${String(memory.context.input)}` });
        memory.handoff("qa", { reason: "the report is complete", output: { pages: 1 } });
        return "handed on";
      },
      { name: "finish", description: "Writes the report.", schema: z.object({}) },
    );
    // #endregion
    const model = strictModel(calls(["finish"], ["look"]));
    const result = await run(
      langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [finish, look] }) }),
    );
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "the report is complete" });
    expect(entriesOf(result, "output")).toEqual([{ pages: 1 }]);
    expect(entriesOf(result, "artifact")).toEqual([{ kind: "artifact", name: "report.md", data: "# go" }]);
    expect(model.calls).toHaveLength(1);
  });

  it("refuses an agent that is not among handsTo, also when types are bypassed", async () => {
    const decide = tool((_, runtime: ToolRuntime) => handoffFrom(runtime).handoff("deploy") ?? "never", {
      name: "decide",
      schema: z.object({}),
    });
    const model = strictModel(calls(["decide"]), says("Well."));
    const result = await run(
      langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [decide] }) }),
    );
    expect(result.decision).toEqual({ kind: "complete" });
    expect(answers(result)[0]).toContain('may not hand to "deploy"; it hands to: code, qa');
  });

  it("marks its tools as others find them", () => {
    const names: unknown[] = [];
    langchainAgent({
      name: "research",
      handsTo,
      agent: (memory) => {
        for (const each of memory.middleware.tools ?? []) names.push((each as { metadata?: unknown }).metadata);
        return createAgent({ model: strictModel(says("x")), tools: [], middleware: [memory.middleware] });
      },
    }).run?.(fakeTurn());
    expect(names).toEqual([{ __handoff_destination: "code" }, { __handoff_destination: "qa" }]);
  });

  it("does not run the user's afterAgent hooks, as the README says", async () => {
    let ran = 0;
    const hook = createMiddleware({ name: "Hook", afterAgent: () => void ran++ });
    const model = strictModel(calls(["transfer_to_qa", { reason: "r" }]));
    await run(
      langchainAgent({ name: "research", handsTo, agent: createAgent({ model, tools: [], middleware: [hook] }) }),
    );
    expect(ran).toBe(0);
  });
});

describe("the name of a hand-off tool", () => {
  it.each(["a", "qa-2", "0-day", "a".repeat(52), "a".repeat(53), `${"a-".repeat(31)}a`])(
    "is one that providers accept, for %s",
    (agent) => {
      expect(handoffToolName(agent)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(handoffToolName(agent).startsWith("transfer_to_")).toBe(true);
    },
  );

  it("differs for long names that differ at the end only", () => {
    expect(handoffToolName(`${"a".repeat(60)}x`)).not.toBe(handoffToolName(`${"a".repeat(60)}y`));
  });

  it("is accepted by a model for agents with dashes and long names", async () => {
    const long = `qa-${"x".repeat(60)}`;
    const model = strictModel((call) => calls([call.tools[1] ?? "", { reason: "r" }]));
    const result = await run(
      langchainAgent({ name: "research", handsTo: ["code-2", long], agent: createAgent({ model, tools: [] }) }),
    );
    expect(result.decision).toMatchObject({ kind: "handoff", to: long });
  });
});
