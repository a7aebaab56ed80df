// #region relay
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRelay } from "@agenthandoff/core";
import { type Crash, crashAfter, fakeClock, memory, memoryData } from "@agenthandoff/core/memory";
import { idempotencyKey, langchainAgent } from "@agenthandoff/langchain-adapter";
import { AIMessage, createAgent, fakeModel, tool } from "langchain";
import { z } from "zod";

/** The relay under test; its models and what its tool does come from outside. */
function rowRelay(parts: {
  readonly backend: ReturnType<typeof memory>;
  readonly researcher: ReturnType<typeof fakeModel>;
  readonly writer: ReturnType<typeof fakeModel>;
  readonly count: (file: string, key: string) => string;
}) {
  const countRows = tool(({ file }, runtime) => parts.count(file, idempotencyKey(runtime)), {
    name: "count_rows",
    description: "Counts the rows of a file.",
    schema: z.object({ file: z.string() }),
  });
  const research = langchainAgent({
    name: "research",
    handsTo: ["write"],
    agent: createAgent({ model: parts.researcher, tools: [countRows] }),
  });
  const write = langchainAgent({ name: "write", agent: createAgent({ model: parts.writer, tools: [] }) });
  return createRelay({ id: "rows", agents: [research, write], backend: parts.backend });
}

/** A model that says what the test wants, one answer for each call; each process has one of its own. */
const researcherModel = () =>
  fakeModel()
    .respondWithTools([{ name: "count_rows", args: { file: "orders.csv" } }])
    .respondWithTools([{ name: "transfer_to_write", args: { reason: "the rows are counted" } }]);
// #endregion

// #region models
test("the writer is sent what the researcher found", async () => {
  const clock = fakeClock();
  const writer = fakeModel().respond(new AIMessage("It has 1204 rows."));
  const relay = rowRelay({ backend: memory({ clock }), researcher: researcherModel(), writer, count: () => "1204" });
  const result = await clock.until(relay.run({ to: "research", input: "How many rows has orders.csv?", taskId: "t" }));
  assert(result.status === "completed");
  assert.equal(result.output, "It has 1204 rows.");

  const sent = writer.calls[0]?.messages.map((message) => message.text).join("\n") ?? "";
  assert.match(sent, /result of count_rows: 1204/);
  assert.match(sent, /the rows are counted/);
  // Every message stands in the record, as LangChain's own classes.
  const context = await relay.task("t").context();
  assert.equal(context.messages({ agent: "research" }).length, 4);
});
// #endregion

// #region crash
test("a tool whose process died is called again with the same key", async () => {
  const [clock, data, keys] = [fakeClock(), memoryData(), new Set<string>()];
  let calls = 0;
  const open = (crash?: Crash) => {
    const backend = memory({ data, clock, crash });
    const count = (_file: string, key: string) => {
      calls++;
      keys.add(key);
      return "1204";
    };
    const writer = fakeModel().respond(new AIMessage("It has 1204 rows."));
    return { backend, relay: rowRelay({ backend, researcher: researcherModel(), writer, count }) };
  };
  const doomed = open(crashAfter("run", { agent: "research" }));
  void doomed.relay.run({ to: "research", taskId: "t" });
  await clock.until(doomed.backend.crashed);

  const result = await clock.until(open().relay.run({ to: "research", taskId: "t" }));
  assert.equal(result.status, "completed");
  assert.deepEqual([calls, keys.size], [2, 1]);
});
// #endregion
