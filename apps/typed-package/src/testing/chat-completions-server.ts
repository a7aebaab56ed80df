import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { z } from "zod";
import { RuleModel } from "../model/rule-model.js";

type Content = string | readonly { readonly type: "text"; readonly text: string }[] | null | undefined;

interface FunctionCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

type ChatMessage =
  | { readonly role: "system"; readonly content?: Content }
  | { readonly role: "user"; readonly content?: Content }
  | {
      readonly role: "assistant";
      readonly content?: Content;
      readonly tool_calls?: readonly FunctionCall[] | undefined;
    }
  | { readonly role: "tool"; readonly content?: Content; readonly tool_call_id: string };

/** What a chat-completions endpoint takes, as far as it is needed here. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly {
    readonly type: "function";
    readonly function: { readonly name: string; readonly parameters: object };
  }[];
}

const content: z.ZodType<Content> = z
  .union([z.string(), z.array(z.object({ type: z.literal("text"), text: z.string() }))])
  .nullish();

const functionCall: z.ZodType<FunctionCall> = z.object({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

/** No looser than the real ones. */
const chatRequest: z.ZodType<ChatRequest> = z.object({
  model: z.string(),
  stream: z.literal(false).optional(),
  messages: z.array(
    z.discriminatedUnion("role", [
      z.object({ role: z.literal("system"), content }),
      z.object({ role: z.literal("user"), content }),
      z.object({ role: z.literal("assistant"), content, tool_calls: z.array(functionCall).optional() }),
      z.object({ role: z.literal("tool"), content, tool_call_id: z.string() }),
    ]),
  ),
  tools: z
    .array(
      z.object({
        type: z.literal("function"),
        function: z.object({
          name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
          parameters: z.looseObject({ type: z.literal("object") }),
        }),
      }),
    )
    .default([]),
});

const textOf = (value: Content): string =>
  typeof value === "string" ? value : (value ?? []).map((block) => block.text).join("");

/** Refuses what real endpoints refuse: a tool call without its answer, an answer without its call. */
function checkCalls({ messages }: ChatRequest): void {
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id))
        throw new Error(`the tool message ${message.tool_call_id} answers no call`);
    } else if (open.size > 0) throw new Error(`the calls ${[...open].join(", ")} have no answer`);
    if (message.role === "assistant") open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  if (open.size > 0) throw new Error(`the calls ${[...open].join(", ")} have no answer`);
}

function toMessage(message: ChatMessage, toolNames: Map<string, string>): BaseMessage {
  const text = textOf(message.content);
  if (message.role === "system") return new SystemMessage(text);
  if (message.role === "user") return new HumanMessage(text);
  if (message.role === "tool") {
    const { tool_call_id } = message;
    return new ToolMessage({ content: text, tool_call_id, name: toolNames.get(tool_call_id) ?? "" });
  }
  const calls = message.tool_calls ?? [];
  for (const { id, function: called } of calls) toolNames.set(id, called.name);
  return new AIMessage({
    content: text,
    tool_calls: calls.map(({ id, function: called }) => ({
      id,
      name: called.name,
      args: JSON.parse(called.arguments),
    })),
  });
}

function toMessages({ messages }: ChatRequest): BaseMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message) => toMessage(message, toolNames));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

/** The one key that it accepts. */
export const API_KEY = "a-key-of-the-stub";

export interface ChatCompletionsServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** The bodies it was sent. */
  readonly requests: readonly ChatRequest[];
}

/** A stub of a chat-completions server on 127.0.0.1. It answers as a model would that follows the offline model's rules. */
export async function chatCompletionsServer(): Promise<ChatCompletionsServer> {
  const requests: ChatRequest[] = [];
  const answer = async (raw: unknown): Promise<object> => {
    const body = chatRequest.parse(raw);
    requests.push(body);
    checkCalls(body);
    const tools = body.tools.map((tool) => ({ name: tool.function.name, description: "", schema: {} }));
    const message = (await new RuleModel().bindTools(tools).invoke(toMessages(body))) as AIMessage;
    const calls = (message.tool_calls ?? []).map(({ id, name, args }) => ({
      id,
      type: "function",
      function: { name, arguments: JSON.stringify(args) },
    }));
    const { input_tokens: prompt = 0, output_tokens: completion = 0 } = message.usage_metadata ?? {};
    return {
      id: `chatcmpl-${requests.length}`,
      object: "chat.completion",
      created: 0,
      model: body.model,
      choices: [
        {
          index: 0,
          finish_reason: calls.length > 0 ? "tool_calls" : "stop",
          message: { role: "assistant", content: message.text, ...(calls.length > 0 && { tool_calls: calls }) },
        },
      ],
      usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
    };
  };
  const server = createServer((request, response) => {
    const reply = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
      reply(404, { error: { message: `no ${request.method} ${request.url} here` } });
      return;
    }
    if (request.headers.authorization !== `Bearer ${API_KEY}`) {
      reply(401, { error: { message: "this key is not valid here", type: "invalid_request_error" } });
      return;
    }
    readBody(request)
      .then(answer)
      .then(
        (body) => reply(200, body),
        (error: Error) => reply(400, { error: { message: error.message, type: "invalid_request_error" } }),
      );
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
