import { describe, expect, it } from "vitest";
import type { ClassCodec } from "../../codec/index.js";
import { artifact, message, type NewEntry, output } from "../agent/entries.js";
import { createBed } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";
import type { MarkdownOptions } from "./context.js";
import { readableJson } from "./readable.js";

async function markdownOf(entries: readonly NewEntry[], options?: MarkdownOptions): Promise<string> {
  const qa = scriptedAgent("qa", (turn) => turn.complete({ entries, reason: "two\nlines" }));
  const bed = createBed({ agents: [qa] });
  const task = await bed.relay.start({ to: "qa", taskId: "t", input: "do it", reason: "please" });
  await bed.deliver("qa");
  return (await task.context()).toMarkdown(options);
}

describe("a context as Markdown", () => {
  it("names hops, decisions and reasons, and marks every entry", async () => {
    expect(
      await markdownOf([
        message({ role: "assistant", content: "hello", tool_calls: [{ name: "sample", args: { rows: 2 } }, null] }),
        message("bare"),
        output({ a: 1 }, { name: "profile" }),
        artifact("a.csv", "x"),
        { kind: "view", value: "seen" },
      ]),
    ).toBe(`# Task t

## Hop 0: the caller hands to qa

> please

[0.0] input:

do it

## Hop 1: qa complete

> two
> lines

[1.0] message from assistant:

hello

calls \`sample\` with

\`\`\`json
{
  "rows": 2
}
\`\`\`

calls \`(no name)\` with

\`\`\`json
"(undefined)"
\`\`\`

[1.1] message:

bare

[1.2] output \`profile\`:

\`\`\`json
{
  "a": 1
}
\`\`\`

[1.3] artifact \`a.csv\`: text/plain; charset=utf-8, 1 bytes, sha256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
`);
  });

  it("shows messages that are none, also where their own getter cannot read them", async () => {
    class Message {
      readonly type = "ai";
      readonly content = [{ type: "text" }];
      readonly tool_calls = [{ name: { toString: 0 } }, 7, null];
      get text(): string {
        throw new TypeError("this content has no text");
      }
    }
    const codec: ClassCodec<Message> = {
      name: "test.Message",
      is: (value): value is Message => value instanceof Message,
      encode: () => ({}),
      decode: () => new Message(),
    };
    const qa = scriptedAgent("qa", (turn) => turn.complete({ entries: [message(new Message())] }));
    const bed = createBed({ agents: [qa], classes: [codec] });
    const task = await bed.relay.start({ to: "qa", taskId: "t", input: "do it" });
    await bed.deliver("qa");
    const text = (await task.context()).toMarkdown();
    expect(text).toContain('[1.0] message from ai:\n\n```json\n[\n  {\n    "type": "text"');
    expect(text.match(/calls `\(no name\)` with/g)).toHaveLength(3);
  });

  it("shows views when asked, and cuts entries, saying so", async () => {
    const text = await markdownOf([output("x".repeat(100)), { kind: "view", value: "seen" }], {
      without: [],
      maxCharactersPerEntry: 10,
    });
    expect(text).toContain("xxxxxxxxxx… (90 more characters)");
    expect(text).toContain("[1.1] view:\n\nseen");
  });
});

describe("a hop in Markdown", () => {
  it("is told by who decided: an agent, a person by name, or somebody from outside", async () => {
    const qa = scriptedAgent("qa", (turn, run) => (run === 3 ? "done" : turn.wait({ question: "which?" })));
    const bed = createBed({ agents: [qa] });
    const task = await bed.relay.start({ to: "qa", taskId: "t", input: 1 });
    for (const by of [{ by: "ann" }, {}]) {
      await bed.deliver("qa");
      await task.resume({ head: (await task.head()).head, answer: "this", ...by });
    }
    await bed.deliver("qa");
    const headings = (await task.context()).toMarkdown().match(/^#.*/gm);
    expect(headings).toEqual([
      "# Task t",
      "## Hop 0: the caller hands to qa",
      "## Hop 1: qa wait",
      "## Hop 2: ann hands to qa",
      "## Hop 3: qa wait",
      "## Hop 4: from outside hands to qa",
      "## Hop 5: qa complete",
    ]);
  });

  it("leaves out the kinds that nobody wants, and nothing else", async () => {
    const entries = [message("said"), output("made"), { kind: "view", value: "seen" } as const];
    const text = await markdownOf(entries, { without: ["message", "input"] });
    expect(text.match(/^\[.*/gm)).toEqual(["[1.1] output:", "[1.2] view:"]);
  });

  it("is cut to the character, and only where it is longer", async () => {
    const text = await markdownOf([output("x".repeat(10)), output("y".repeat(11))], { maxCharactersPerEntry: 10 });
    expect(text).toContain(`[1.0] output:\n\n${"x".repeat(10)}\n`);
    expect(text).toContain(`[1.1] output:\n\n${"y".repeat(10)}… (1 more characters)\n`);
  });
});

describe("a message in Markdown", () => {
  const shown = async (value: unknown) =>
    (await markdownOf([message(value)])).split("> two\n> lines\n\n")[1]?.trimEnd();

  it.each<[string, unknown, string]>([
    ["a role", { role: "user", content: "hi" }, "[1.0] message from user:\n\nhi"],
    ["a type, where it has no role", { type: "human", content: "hi" }, "[1.0] message from human:\n\nhi"],
    ["a role before a type", { role: "user", type: "human", content: "hi" }, "[1.0] message from user:\n\nhi"],
    ["neither", { content: "hi" }, "[1.0] message:\n\nhi"],
    ["a content that is a text before any other", { content: "hi", text: "no" }, "[1.0] message:\n\nhi"],
    ["a text beside parts", { role: "ai", content: [{}], text: "hi" }, "[1.0] message from ai:\n\nhi"],
    [
      "an empty text beside parts",
      { role: "ai", content: ["part"], text: "" },
      '[1.0] message from ai:\n\n```json\n[\n  "part"\n]\n```',
    ],
    ["a text that is none", { content: [], text: 7 }, "[1.0] message:\n\n```json\n[]\n```"],
    ["nothing to say", { role: "ai" }, '[1.0] message from ai:\n\n```json\n{\n  "role": "ai"\n}\n```'],
    [
      "calls alone",
      { role: "ai", content: "", tool_calls: [{ name: "find", args: 1 }] },
      "[1.0] message from ai:\n\ncalls `find` with\n\n```json\n1\n```",
    ],
    ["calls that are none", { content: "hi", tool_calls: "find" }, "[1.0] message:\n\nhi"],
    ["no shape at all", null, "[1.0] message:\n\n```json\nnull\n```"],
    ["a number", 7, "[1.0] message:\n\n```json\n7\n```"],
  ])("with %s is read by its shape", async (_what, value, text) => {
    expect(await shown(value)).toBe(text);
  });
});

describe("a value made readable", () => {
  it("shows what JSON lacks", () => {
    const cycle: { map: Map<string, unknown>; self?: unknown } = { map: new Map() };
    cycle.self = cycle;
    cycle.map.set("back", cycle);
    expect(JSON.parse(readableJson(cycle))).toEqual({ map: [["back", "(a cycle)"]], self: "(a cycle)" });
    const value = {
      big: 2n ** 80n,
      none: undefined,
      bytes: Buffer.alloc(1_000_000),
      view: new Float64Array(3),
      nan: Number.NaN,
      zero: -0,
      when: new Date(0),
      never: new Date(Number.NaN),
      set: new Set([1, new Set([2])]),
      expression: /a+/gi,
      url: new URL("https://example.org/x"),
      error: Object.assign(new TypeError("bad", { cause: new Error("deep") }), { code: 7 }),
      holes: Object.assign(Array(3), { 0: 1, 2: 3 }),
    };
    expect(JSON.parse(readableJson(value))).toEqual({
      big: "1208925819614629174706176n",
      none: "(undefined)",
      bytes: "(1000000 bytes)",
      view: "(24 bytes)",
      nan: "NaN",
      zero: "-0",
      when: "1970-01-01T00:00:00.000Z",
      never: "(an invalid date)",
      set: [1, [2]],
      expression: "/a+/gi",
      url: "https://example.org/x",
      error: { name: "TypeError", message: "bad", cause: { name: "Error", message: "deep" }, code: 7 },
      holes: [1, "(undefined)", 3],
    });
    expect(readableJson(undefined)).toBe('"(undefined)"');
  });

  it("shows a part that occurs twice twice, and ends for what is deep, wide or shared without measure", () => {
    const shared = { a: 1 };
    expect(JSON.parse(readableJson([shared, shared]))).toEqual([shared, shared]);
    let deep: unknown = "end";
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(readableJson(deep)).toContain("(nested deeper)");
    let doubled: unknown = "end";
    for (let level = 0; level < 60; level++) doubled = [doubled, doubled];
    expect(readableJson(doubled)).toContain("(more)");
  });

  it("is bounded, whatever the value: holes without number, one long text in many places", () => {
    for (const value of [
      Object.assign([], { length: 2 ** 32 - 1 }),
      { wide: Array(2 ** 24) },
      Array.from({ length: 200_000 }, () => "x".repeat(100_000)),
      new Map([["key", Array.from({ length: 100 }, () => "y".repeat(2 ** 20))]]),
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [index, "z".repeat(2 ** 20)])),
    ]) {
      const text = readableJson(value);
      expect(text.length).toBeLessThan(2 ** 23);
      expect(text.slice(-100_000)).toContain("(more)");
    }
  });
});
