import { parseJson } from "@agenthandoff/core";
import { langchainCodec, providerValid } from "@agenthandoff/langchain-adapter";
import { AIMessage, BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { textOf } from "../../../../packages/langchain-adapter/src/view/text.js";
import { jsonMutation } from "../mutate/json.js";
import { law, type Target } from "../target.js";
import { decodedTwiceTheSame, MAX_READABLE_CHARACTERS, textOfValue, valueSeeds } from "./values.js";
import { JSON_WORDS, VALUE_WORDS } from "./words.js";

/** As `values`, with LangChain's classes, and with the texts and messages that models are shown of them. */
export const langchainTarget: Target = {
  name: "langchain",
  seeds: async () =>
    [...messageSeeds(), ...valueSeeds().slice(0, 2)].map((value) => textOfValue(langchainCodec, value)),
  words: [...langchainWords(), ...VALUE_WORDS, ...JSON_WORDS],
  mutations: [jsonMutation],
  run(input) {
    const json = parseJson(Buffer.from(input).toString("utf8"));
    const value = decodedTwiceTheSame(langchainCodec, json);
    law(textOf(value).length <= MAX_READABLE_CHARACTERS, "the text that a model is shown is bounded");
    const messages = (Array.isArray(value) ? Object.values(value).slice(0, 100) : [value]).filter((each) =>
      BaseMessage.isInstance(each),
    );
    providerValid(messages);
  },
};

function messageSeeds(): readonly unknown[] {
  const call = { id: "c1", name: "look", args: { a: [1] }, type: "tool_call" as const };
  return [
    new AIMessage({ content: "hi", tool_calls: [call], response_metadata: { m: 1 } }),
    [new HumanMessage("q"), new AIMessage({ content: "", tool_calls: [call] }), answerTo(call.id)],
    new HumanMessage({
      content: [
        { type: "text", text: "t" },
        { type: "image_url", image_url: { url: "u" } },
      ],
    }),
    new AIMessage({ content: [{ type: "reasoning", reasoning: "r" }] as never, additional_kwargs: { k: new Map() } }),
  ];
}

const answerTo = (id: string) => new ToolMessage({ content: "a", tool_call_id: id, name: "look", status: "error" });

function langchainWords(): string[] {
  const names = ["AIMessage", "AIMessageChunk", "ToolMessage", "SystemMessage", "Document", "Command", "Send"];
  const fields = ["content", "tool_calls", "tool_call_chunks", "lc_absent", "additional_kwargs", "lc_kwargs", "same"];
  return [
    ...names.map((name) => `{"$ah":"class","name":"langchain.${name}","value":{"content":"x"}}`),
    ...[...fields, "other", "usage_metadata", "response_metadata", "getType", "_getType", "text", "type", "id"],
  ];
}
