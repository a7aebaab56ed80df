import { randomUUID } from "node:crypto";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel, type BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  SystemMessage,
  ToolMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";

/** One answer of the script: a message, what makes one from the messages of the call, or an error to throw. */
export type Answer = AIMessage | Error | ((call: ModelCall) => AIMessage | Error | Promise<AIMessage | Error>);

export interface ModelCall {
  readonly messages: readonly BaseMessage[];
  readonly tools: readonly string[];
  readonly options: Options;
}

interface BoundTool {
  readonly name?: string;
  readonly function?: { readonly name: string };
}

interface Options extends BaseChatModelCallOptions {
  tools?: readonly BoundTool[];
}

export class RefusedByProvider extends Error {}

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** What providers refuse in a request. */
function check(messages: readonly BaseMessage[], tools: readonly string[], own: ReadonlySet<BaseMessage["id"]>): void {
  const refuse = (what: string): never => {
    throw new RefusedByProvider(`400: ${what}`);
  };
  if (messages.length === 0) refuse("no messages");
  const badName = tools.find((name) => !TOOL_NAME.test(name));
  if (badName !== undefined) refuse(`the tool name ${badName}`);
  if (new Set(tools).size !== tools.length) refuse("two tools of one name");
  const ids = messages.flatMap(({ id }) => (id === undefined ? [] : [id]));
  if (new Set(ids).size !== ids.length) refuse("two messages with one id");
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (SystemMessage.isInstance(message) && index > 0) refuse("a system message that is not the first");
    if (ToolMessage.isInstance(message)) {
      if (!open.includes(message.tool_call_id)) refuse(`a tool message without its call: ${message.tool_call_id}`);
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) refuse(`tool calls without their messages: ${open.join(", ")}`);
    if (AIMessage.isInstance(message)) {
      open = (message.tool_calls ?? []).map(({ id }) => id ?? "");
      const thinks =
        Array.isArray(message.content) &&
        message.content.some(({ type }) => type === "reasoning" || type === "thinking");
      if (thinks && !own.has(message.id)) refuse("a reasoning block that this model did not write");
    }
  }
  if (open.length > 0) refuse(`tool calls without their messages: ${open.join(", ")}`);
}

interface Script {
  readonly answers: Answer[];
  readonly calls: ModelCall[];
  readonly own: Set<string>;
}

/** A chat model that follows a script, and refuses what a provider would refuse. */
export class StrictModel extends BaseChatModel<Options, AIMessageChunk> {
  readonly #script: Script;
  readonly #tools: readonly BoundTool[];
  readonly #stream: boolean;

  constructor(script: Script, options: { tools?: readonly BoundTool[]; stream?: boolean } = {}) {
    super({});
    this.#script = script;
    this.#tools = options.tools ?? [];
    this.#stream = options.stream ?? false;
    // A model streams on its own only where it has the method.
    if (!this.#stream) Object.assign(this, { _streamResponseChunks: BaseChatModel.prototype._streamResponseChunks });
  }

  get calls(): readonly ModelCall[] {
    return this.#script.calls;
  }

  override _llmType(): string {
    return "strict";
  }

  override bindTools(tools: readonly unknown[]): Runnable<BaseMessage[], AIMessageChunk, Options> {
    return new StrictModel(this.#script, { tools: tools as BoundTool[], stream: this.#stream }) as never;
  }

  override async _generate(messages: BaseMessage[], options: Options): Promise<ChatResult> {
    const message = await this.#answer(messages, options);
    return { generations: [{ text: message.text, message }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: Options,
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const { content, id, tool_calls, usage_metadata } = await this.#answer(messages, options);
    const texts = typeof content === "string" ? content.split(/(?<= )/) : [""];
    for (const [index, text] of texts.entries()) {
      const isLast = index === texts.length - 1;
      const rest = isLast
        ? { tool_calls: tool_calls ?? [], ...(usage_metadata === undefined ? {} : { usage_metadata }) }
        : {};
      yield new ChatGenerationChunk({
        text,
        message: new AIMessageChunk({ content: text, ...(id === undefined ? {} : { id }), ...rest }),
      });
      await manager?.handleLLMNewToken(text);
    }
  }

  async #answer(messages: readonly BaseMessage[], options: Options): Promise<AIMessage> {
    const tools = this.#tools.map((tool) => tool.name ?? tool.function?.name ?? "");
    check(messages, tools, this.#script.own);
    const call: ModelCall = { messages: [...messages], tools, options };
    this.#script.calls.push(call);
    const next = this.#script.answers.shift();
    if (next === undefined) throw new Error(`the script has no answer to call ${this.#script.calls.length}`);
    const answer = typeof next === "function" ? await next(call) : next;
    if (answer instanceof Error) throw answer;
    answer.id ??= randomUUID();
    this.#script.own.add(answer.id);
    return answer;
  }
}

export function strictModel(...answers: Answer[]): StrictModel {
  return new StrictModel({ answers, calls: [], own: new Set() });
}

export function streamingModel(...answers: Answer[]): StrictModel {
  return new StrictModel({ answers, calls: [], own: new Set() }, { stream: true });
}

let nextCall = 0;
/** A message that calls tools. */
export function calls(...named: readonly (readonly [name: string, args?: Record<string, unknown>])[]): AIMessage {
  const tool_calls = named.map(([name, args = {}]) => ({
    type: "tool_call" as const,
    id: `call_${nextCall++}`,
    name,
    args,
  }));
  return new AIMessage({ content: "", tool_calls });
}

export function says(content: string, usage_metadata?: UsageMetadata): AIMessage {
  return Object.assign(new AIMessage(content), usage_metadata === undefined ? {} : { usage_metadata });
}
