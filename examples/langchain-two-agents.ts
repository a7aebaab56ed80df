import { createRelay } from "@agenthandoff/core";
import { langchainAgent } from "@agenthandoff/langchain-adapter";
import { local } from "@agenthandoff/local";
import { AIMessage, createAgent, fakeModel, tool } from "langchain";
import { z } from "zod";

// Scripted, so that this runs offline. Any chat model of LangChain stands here as well: `model: "openai:gpt-5"`.
const researcher = fakeModel()
  .respondWithTools([{ name: "count_rows", args: { file: "orders.csv" } }])
  .respondWithTools([{ name: "transfer_to_write", args: { reason: "the rows are counted" } }]);
const writer = fakeModel().respond((messages) => {
  const known = messages.map((message) => message.text).join("\n"); // the record of the task, each entry marked
  return new AIMessage(`The file has ${/\[1\.1\] result of count_rows: (\d+)/.exec(known)?.[1]} rows.`);
});

const countRows = tool(() => "1204", {
  name: "count_rows",
  description: "Counts the rows of a file.",
  schema: z.object({ file: z.string() }),
});

const research = langchainAgent({
  name: "research",
  handsTo: ["write"], // becomes the tool transfer_to_write
  agent: createAgent({ model: researcher, tools: [countRows], systemPrompt: "You study data." }),
});
const write = langchainAgent({
  name: "write",
  agent: createAgent({ model: writer, tools: [], systemPrompt: "You write one sentence." }),
});

const backend = local({ directory: ".agenthandoff" });
const relay = createRelay({ id: "langchain-two-agents", agents: [research, write], backend });
const result = await relay.run({ to: "research", input: "How many rows has orders.csv?" });
console.log(result.status === "completed" ? result.output : result);
await relay.close();
