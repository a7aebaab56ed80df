import { type Context, createRelay, defineAgent, message, output } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { langchainClasses } from "@agenthandoff/langchain-adapter";
import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import { differences } from "./differences.js";

interface Said {
  readonly id?: string;
  readonly called?: string;
  readonly answered?: string;
  readonly content?: string;
  readonly value?: unknown;
}

/** A task of one agent that says this. */
async function contextOf({
  id = "m",
  called = "c",
  answered = called,
  content = "text",
  value = 1,
}: Said = {}): Promise<Context> {
  const tool_calls = [{ id: called, name: "look", args: {}, type: "tool_call" as const }];
  const agent = defineAgent({
    name: "agent",
    run: ({ complete }) =>
      complete({
        entries: [
          message(new AIMessage({ id, content, tool_calls })),
          message(new ToolMessage({ content: "", name: "look", tool_call_id: answered })),
          output(value),
        ],
      }),
  });
  const relay = createRelay({ id: "relay", agents: [agent], backend: memory(), classes: langchainClasses });
  await relay.run({ to: "agent", taskId: "task", input: { file: "a.csv" } });
  return await relay.task("task").context();
}

describe("two contexts of one task", () => {
  it("are equal where only ids, times and usage differ", async () => {
    const [one, other] = [await contextOf(), await contextOf({ id: "n", called: "d" })];
    expect(one.handoffs[1]?.commitId).not.toBe(other.handoffs[1]?.commitId);
    expect(differences(one, other)).toEqual([]);
  });

  it.each<[string, Said, string]>([
    ["a text", { content: "other" }, 'entries[1].message.content: "text" against "other"'],
    ["an output", { value: 2 }, "entries[3].output: 1 against 2"],
    ["its kind", { value: "1" }, "entries[3].output: a number against a string"],
    ["a member more", { value: { a: 1 } }, "entries[3].output: a number against a Object"],
    ["an id that stands for something else", { answered: "m" }, "stands for something else"],
  ])("differ in %s, and it is said where", async (_what, said, where) => {
    expect(differences(await contextOf(), await contextOf(said)).join("\n")).toContain(where);
  });

  it("differ in what lies in dates, maps and bytes", async () => {
    for (const [a, b] of [
      [new Date(0), new Date(1)],
      [new Map([["k", 1]]), new Map([["k", 2]])],
      [new Uint8Array([1]), new Uint8Array([2])],
    ])
      expect(differences(await contextOf({ value: a }), await contextOf({ value: b }))).toHaveLength(1);
  });

  it("differ in what is named elsewhere like what may differ", async () => {
    const value = (id: string) => ({ value: { id, tool_call_id: id, usage: id } });
    expect(differences(await contextOf(value("1")), await contextOf(value("2")))).toHaveLength(3);
  });

  it("differ where one lacks what may differ", async () => {
    const one = await contextOf();
    const handoffs = one.handoffs.map(({ commitId: _, ...handoff }) => handoff);
    expect(differences(one, { ...one, handoffs } as unknown as Context)).toEqual([
      "handoffs[0].commitId: a string against a undefined",
      "handoffs[1].commitId: a string against a undefined",
    ]);
  });
});
