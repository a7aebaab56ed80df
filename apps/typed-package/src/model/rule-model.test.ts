import { type AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import type { Cell } from "../formats/table.js";
import { observer } from "../profile/observe.js";
import { amend } from "./amend.js";
import { decideColumn, lastResort } from "./decide.js";
import { packageNameFor } from "./policies.js";
import { readRecord } from "./record.js";
import { RULE_MODEL_NAME, RuleModel } from "./rule-model.js";

const tools = (...names: string[]) =>
  names.map((name) => ({ name, description: name, schema: { type: "object", properties: {} } }));

const ask = async (toolNames: string[], ...messages: (HumanMessage | AIMessage | ToolMessage)[]) =>
  (await new RuleModel().bindTools(tools(...toolNames)).invoke(messages)) as AIMessage;

function observe(...cells: (Cell | undefined)[]) {
  const watching = observer();
  for (const cell of cells) watching.add(cell);
  return watching.result();
}

describe("the offline model", () => {
  it("says what it is, and that its usage is an estimate", async () => {
    const answer = await ask([], new HumanMessage("hello"));
    expect(answer.text).toContain("offline, rule-based model");
    expect(answer.response_metadata).toMatchObject({ model_name: RULE_MODEL_NAME, usage_is_estimated: true });
    expect(answer.usage_metadata).toMatchObject({ input_tokens: 2, total_tokens: expect.any(Number) });
  });

  it("gives every message and every tool call an id of its own", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ask(["profile_columns"], new HumanMessage("go"))));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3);
    expect(new Set(answers.map(({ tool_calls }) => tool_calls?.[0]?.id)).size).toBe(3);
    expect(answers[0]?.tool_calls).toMatchObject([{ name: "describe_file", args: {} }]);
  });

  it("goes on from the results it sees", async () => {
    const done = (name: string, content: string) => new ToolMessage({ name, content, tool_call_id: name });
    const file = {
      file: "a.csv",
      bytes: 9,
      kind: "csv",
      delimiter: ",",
      rowsSampled: 1,
      complete: true,
      columns: ["x"],
    };
    const described = done("describe_file", JSON.stringify(file));
    expect((await ask(["profile_columns"], described)).tool_calls).toMatchObject([{ name: "sample_rows" }]);
    const looked = done("sample_rows", "[]");
    expect((await ask(["profile_columns"], described, looked)).tool_calls).toMatchObject([
      { name: "profile_columns", args: { columns: ["x"] } },
    ]);
    const profiled = done("profile_columns", JSON.stringify([{ column: "x", seen: observe("1"), oddities: [] }]));
    expect((await ask(["profile_columns"], described, looked, profiled)).tool_calls).toMatchObject([
      { name: "transfer_to_code", args: { reason: "Profiled 1 columns of a.csv over all 1 rows." } },
    ]);
  });

  it("does not know what is not in its messages", async () => {
    expect((await ask(["write_package"], new HumanMessage("Write it."))).text).toContain(
      "the record holds no description of the file",
    );
    const file = { file: "a.csv", bytes: 9, kind: "csv", rowsSampled: 1, complete: true, columns: ["x", "y"] };
    const half = `[1.0] result of describe_file: ${JSON.stringify(file)}\n[1.1] result of profile_columns: ${JSON.stringify([{ column: "x", seen: observe("1"), oddities: [] }])}`;
    expect((await ask(["write_package"], new HumanMessage(half))).text).toContain("the record holds no profile of y");
  });

  it("stops with the tool's words when a tool fails", async () => {
    const failed = new ToolMessage({
      name: "check_package",
      content: "no package",
      tool_call_id: "1",
      status: "error",
    });
    const answer = await ask(["check_package"], failed);
    expect(answer.tool_calls).toEqual([]);
    expect(answer.text).toContain("check_package failed. no package");
  });

  it("is stopped by its signal", async () => {
    await expect(new RuleModel().invoke("x", { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

describe("the record", () => {
  it("is read entry by entry, and no text inside an entry passes for a mark", () => {
    expect(
      readRecord("The record\n\n## Hop 0: the caller\n[0.0] input: {}\n[0.1] one\n    [9.9] two\n\nend\n    loose"),
    ).toEqual([
      { id: "0.0", hop: 0, text: "input: {}" },
      { id: "0.1", hop: 0, text: "one\n[9.9] two" },
    ]);
  });
});

describe("deciding on a column", () => {
  it.each<[string, (string | undefined)[], object]>([
    ["integers", ["1", "2", ""], { value: { kind: "integer", min: 0 }, nullable: true, nulls: [""] }],
    ["decimals below zero", ["-1.5", "2"], { value: { kind: "number" }, nullable: false }],
    [
      "numbers beside a word for no value",
      ["1", "NA"],
      { value: { kind: "integer", min: 0 }, nullable: true, nulls: ["NA"] },
    ],
    ["integers beyond a number", ["12345678901234567891"], { value: { kind: "bigint" }, nullable: false }],
    ["codes with leading zeros", ["00501", "10001"], { value: { kind: "text", format: "digits" } }],
    ["dates that may be read in two ways", ["1/2/2020"], { value: { kind: "text" } }],
    ["booleans", ["yes", "no", "yes"], { value: { kind: "boolean", yes: ["yes"], no: ["no"] } }],
    ["names among which NA is one", ["NA", "DE", "FR"], { value: { kind: "text" }, nullable: false }],
    ["no value at all", ["", ""], { value: { kind: "nothing" }, nullable: true, nulls: [""] }],
    [
      "a few texts that repeat",
      Array.from({ length: 12 }, (_, i) => (i % 2 ? "a" : "b")),
      { value: { kind: "enum", values: ["a", "b"] } },
    ],
    ["the same text again and again", Array.from({ length: 12 }, () => "a"), { value: { kind: "text" } }],
  ])("of CSV: %s", (_, cells, expected) => {
    expect(decideColumn("x", observe(...cells), true)).toMatchObject(expected);
  });

  it.each<[string, (Cell | undefined)[], object]>([
    [
      "numbers and texts",
      [1, "x", null],
      { value: { kind: "either", of: [{ kind: "text" }, { kind: "integer", min: 0 }] }, nullable: true },
    ],
    ["a text of digits", ["12"], { value: { kind: "text", format: "digits" }, nullable: false }],
    [
      "a member that may be missing",
      [true, undefined],
      { value: { kind: "boolean" }, nullable: false, optional: true },
    ],
    ["lists", [[1], []], { value: { kind: "list", items: { value: { kind: "integer" }, nullable: false } } }],
    ["empty lists", [[]], { value: { kind: "list", items: { value: { kind: "anything" } } } }],
    [
      "records",
      [{ a: 1 }, { a: 2, b: null }],
      { value: { kind: "record", fields: [{ name: "a" }, { name: "b", optional: true, nullable: true }] } },
    ],
    ["integers that are not exact", [2 ** 60], { value: { kind: "number" } }],
  ])("of JSON: %s", (_, cells, expected) => {
    expect(decideColumn("x", observe(...cells), false)).toMatchObject(expected);
  });
});

describe("amending", () => {
  const before = decideColumn("x", observe("1", "2"), true);
  const report = (observed: ReturnType<typeof observe>) =>
    ({ column: "x", problem: "refused", message: "", rows: 1, examples: [], observed }) as const;

  it("widens a column to what QA observed over all rows", () => {
    const { columns } = amend([before], [report(observe("1", "2", "-3.5", ""))], new Map(), true);
    expect(columns).toMatchObject([{ name: "x", value: { kind: "number" }, nullable: true, nulls: [""] }]);
  });

  it("takes the last resort when deciding anew changes nothing, or after three amendments", () => {
    expect(amend([before], [report(observe("1", "2"))], new Map(), true).columns).toEqual([lastResort("x", true)]);
    expect(amend([before], [report(observe("1.5"))], new Map([["x", 3]]), true).columns).toEqual([
      lastResort("x", true),
    ]);
    expect(lastResort("x", false)).toMatchObject({ value: { kind: "anything" }, nullable: true, optional: true });
  });

  it("removes a column that the file lacks, and adds one that it has", () => {
    const missing = { column: "gone", problem: "missing_column", message: "", rows: 0, examples: [] } as const;
    const { columns, remove } = amend([before], [missing, { ...report(observe("a")), column: "new" }], new Map(), true);
    expect(remove).toEqual(["gone"]);
    expect(columns).toMatchObject([{ name: "new", value: { kind: "text" } }]);
  });
});

it("names a package after the file", () => {
  expect(packageNameFor("Movies 2.json")).toBe("typed-movies-2");
  expect(packageNameFor("données.tar.csv")).toBe("typed-donn-es-tar");
  expect(packageNameFor("数据.csv")).toBe("typed-rows");
});
