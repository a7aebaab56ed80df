import { gunzipSync } from "node:zlib";
import { type Context, createRelay, defineAgent, message, type Relay, state } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { ToolMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import { RuleModel } from "../model/rule-model.js";
import { DELIVERY, delivery } from "./deploy-tools.js";
import { packageIn } from "./package-desk.js";
import { describeInput } from "./task-input.js";
import { type AgentName, type Gate, typedPackageRelay } from "./typed-package-relay.js";

const ROWS = Array.from({ length: 60 }, (_, index) => {
  const kind = index < 30 ? ["red", "green"][index % 2] : "blue";
  return `${index},${index === 40 ? "" : index / 2},${kind},2020-01-${String((index % 28) + 1).padStart(2, "0")}`;
});
const CSV = `id,price,kind,day\n${ROWS.join("\n")}\n`;

const newRelay = (): Relay<AgentName> => typedPackageRelay({ backend: memory(), model: new RuleModel() });

const request = (text: string | Uint8Array, file = "orders.csv") => ({
  to: "research" as const,
  ...describeInput(file, Buffer.from(text), { sampleRows: 20, model: "offline-rules" }),
});

const route = (context: Context) =>
  context.handoffs.map(({ decision }) => (decision.kind === "handoff" ? decision.to : decision.kind));

const deliveryOf = (context: Context) => delivery.parse(context.latest("deploy", DELIVERY));

describe("the relay", () => {
  it("turns a messy file into a package, QA handing back what the sample did not show", async () => {
    const relay = newRelay();
    expect(await relay.run({ ...request(CSV), taskId: "orders" })).toMatchObject({
      status: "completed",
      agent: "deploy",
    });
    const context = await relay.task("orders").context();
    expect(route(context)).toEqual(["research", "code", "qa", "code", "qa", "deploy", "complete"]);
    expect(context.handoffs[3]?.decision).toMatchObject({
      reason: expect.stringContaining("kind: expected one of the 2 known texts (30 rows)"),
    });
    expect(context.handoffs[3]?.decision).toMatchObject({
      reason: expect.stringContaining("price: expected a number of 0 or more (1 row)"),
    });
    expect(packageIn(context)).toMatchObject({ version: 2, spec: { name: "typed-orders", rowsSampled: 20 } });

    const { tarball, sha256, report } = deliveryOf(context);
    expect(tarball).toBe("typed-orders-1.0.0.tgz");
    const file = context.artifact(tarball);
    expect(file?.sha256).toBe(sha256);
    expect(gunzipSync((await file?.bytes()) ?? "").toString("latin1")).toContain("package/dist/index.js");
    expect(await context.artifact(report ?? "")?.text()).toContain("QA handed it back once, because of kind, price.");
  });

  it("gives the same tarball for the same file in another task", async () => {
    const hashes = await Promise.all(
      ["one", "two"].map(async (taskId) => {
        const relay = newRelay();
        await relay.run({ ...request(CSV), taskId });
        return deliveryOf(await relay.task(taskId).context()).sha256;
      }),
    );
    expect(hashes[1]).toBe(hashes[0]);
  });

  it("makes another package when one of Research's entries is altered", async () => {
    const relay = newRelay();
    await relay.run({ ...request(CSV), taskId: "orders" });
    const original = await relay.task("orders").context();

    /** What Research said, with one finding changed: the sample's ids reach below zero. */
    const alter = (value: unknown): unknown => {
      if (!ToolMessage.isInstance(value) || value.name !== "profile_columns") return value;
      const content = value.text.replace('"min":0,"max":19', '"min":-7,"max":19');
      expect(content).not.toBe(value.text);
      return new ToolMessage({ content, name: value.name, tool_call_id: value.tool_call_id });
    };
    const packageFrom = async (change: (value: unknown) => unknown) => {
      const said = original.messages({ agent: "research" });
      const research = defineAgent({
        name: "research",
        handsTo: ["code"],
        run: ({ handoff }) => handoff("code", { entries: said.map((value) => message(change(value))) }),
      });
      const code = newRelay().agents.find(({ name }) => name === "code");
      const qa = defineAgent({ name: "qa", run: ({ complete }) => complete() });
      const again = createRelay({ id: "again", agents: [research, code, qa] as never, backend: memory() }) as Relay;
      await again.run({ ...request(CSV), taskId: "again" });
      const context = await again.task("again").context();
      return await context.artifact("package/v1/src/schema.ts")?.text();
    };
    const same = await packageFrom((value) => value);
    expect(same).toBe(await original.artifact("package/v1/src/schema.ts")?.text());
    expect(same).toContain('id: integer({"min":0})');
    const other = await packageFrom(alter);
    expect(other).toContain("id: integer(),");
    expect(other).toContain("/** -7 to 19 */");
  });

  it("fails, with what the model said, when Code is not told what Research found", async () => {
    const relay = newRelay();
    const result = await relay.run({ ...request(CSV), to: "code", taskId: "early" });
    expect(result).toMatchObject({
      status: "failed",
      agent: "code",
      reason: expect.stringContaining("I cannot write the package: the record holds no description of the file."),
    });
  });

  it("never packs what QA has not passed", async () => {
    const relay = newRelay();
    const result = await relay.run({ ...request(CSV), to: "deploy", taskId: "early" });
    expect(result).toMatchObject({
      status: "failed",
      agent: "deploy",
      reason: expect.stringContaining("there is no package to pack"),
    });
  });

  it.each([
    ["ragged rows", "a,b\n1,2\n3\n", "ragged.csv", "row 2 (line 3) has 1 cell, the header has 2"],
    ["an empty file", "", "empty.csv", "empty.csv is empty"],
    [
      "bytes that are not UTF-8",
      Buffer.from("a,b\n\xe9,1\n", "latin1"),
      "latin.csv",
      "not UTF-8: byte 0xe9 at byte offset 4",
    ],
    ["an unknown type", Buffer.from([0x1f, 0x8b, 8, 0]), "data.gz", "is gzip, not CSV"],
  ])("fails at once for %s, with the reason and nothing lost", async (_, bytes, file, reason) => {
    const relay = newRelay();
    const result = await relay.run({ ...request(bytes, file), taskId: "bad" });
    expect(result).toMatchObject({ status: "failed", agent: "research", reason: expect.stringContaining(reason) });
    const context = await relay.task("bad").context();
    expect(context.artifact(file)?.size).toBe(Buffer.from(bytes).length);
  });

  it.each([
    ["events.ndjson", (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("")],
    ["events.json", (rows: object[]) => JSON.stringify({ generated: 1, events: rows })],
    ["events.tsv", (rows: object[]) => ["id\twhat", ...rows.map((row) => Object.values(row).join("\t"))].join("\n")],
  ])("packs a loader for %s", async (file, write) => {
    const rows = Array.from({ length: 30 }, (_, id) => ({ id, what: `event ${id}` }));
    const relay = newRelay();
    expect(await relay.run({ ...request(write(rows), file), taskId: "events" })).toMatchObject({ status: "completed" });
    expect(await relay.task("events").context()).toMatchObject({ hop: 4 });
  });

  it("reads a file that is stored in several parts as one", async () => {
    const wide = "x".repeat(1_000_000);
    const text = JSON.stringify(Array.from({ length: 20 }, (_, id) => ({ id, wide })));
    const relay = newRelay();
    const started = request(text, "wide.json");
    expect(started.artifacts.map(({ name }) => name)).toEqual([
      "wide.json.part-0001",
      "wide.json.part-0002",
      "wide.json.part-0003",
    ]);
    expect(await relay.run({ ...started, taskId: "wide" })).toMatchObject({ status: "completed" });
  });
});

describe("a gate before Deploy", () => {
  it("gets what QA passed, and Code gets back what it refuses, with the reason to act on", async () => {
    const refusal = "more kinds will come: let kind take any text";
    const gate: Gate = defineAgent({
      name: "release",
      handsTo: ["code", "deploy"],
      run: ({ context, handoff }) =>
        packageIn(context)?.version === 2
          ? handoff("deploy")
          : handoff("code", { reason: refusal, entries: [state("release", { reason: refusal })] }),
    });
    const relay = typedPackageRelay({ backend: memory(), model: new RuleModel(), gate });
    const started = describeInput("orders.csv", Buffer.from(CSV), { sampleRows: 100, model: "offline-rules" });
    await relay.run({ to: "research", ...started, taskId: "gated" });
    const context = await relay.task("gated").context();
    const hops = ["research", "code", "qa", "release", "code", "qa", "release", "deploy", "complete"];
    expect(route(context)).toEqual(hops);
    const kind = packageIn(context)?.spec.columns.find(({ name }) => name === "kind");
    expect(kind).toMatchObject({ value: { kind: "text" } });
  });

  it("gets the same package again where the offline model does not understand what is asked", async () => {
    const gate: Gate = defineAgent({
      name: "release",
      handsTo: ["code", "deploy"],
      run: ({ context, handoff, complete }) =>
        context.outputs({ agent: "qa" }).length === 2
          ? complete()
          : handoff("code", { entries: [state("release", { reason: "make it blue" })] }),
    });
    const relay = typedPackageRelay({ backend: memory(), model: new RuleModel(), gate });
    const started = describeInput("orders.csv", Buffer.from(CSV), { sampleRows: 100, model: "offline-rules" });
    await relay.run({ to: "research", ...started, taskId: "gated" });
    const context = await relay.task("gated").context();
    expect(packageIn(context)?.version).toBe(1);
    expect(context.handoffs[5]?.decision).toMatchObject({ reason: expect.stringContaining("make it blue") });
  });
});
