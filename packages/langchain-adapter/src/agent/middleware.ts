import { randomUUID } from "node:crypto";
import { AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { type AgentMiddleware, createMiddleware } from "langchain";
import type { HandoffTool } from "./handoff-tools.js";
import { findRun, type Run } from "./run.js";

export const MIDDLEWARE_NAME = "AgentHandoff";

export interface MiddlewareOptions {
  readonly tools: readonly HandoffTool[];
  readonly askAgain: boolean;
}

/**
 * What makes an agent part of a relay. It holds nothing of a run: hooks find theirs in `runtime.configurable`, so
 * that one agent serves any number of tasks at once.
 */
export function relayMiddleware({ tools, askAgain }: MiddlewareOptions): AgentMiddleware {
  return createMiddleware({
    name: MIDDLEWARE_NAME,
    tools: tools.map(({ tool }) => tool),
    beforeModel: {
      canJumpTo: ["end"],
      // Tools have run, siblings of the hand-off included: every call of the last message is answered.
      hook: (_state, runtime) => (findRun(runtime)?.choice === undefined ? undefined : { jumpTo: "end" }),
    },
    // A hook must exist even when there is nothing to ask: with it, LangChain routes only calls without an answer.
    afterModel: {
      canJumpTo: ["model", "end"],
      hook(state, runtime) {
        const run = findRun(runtime);
        if (run === undefined || run.choice !== undefined) return undefined;
        // With a response format and a hook after the model, LangChain would go round for ever.
        if (isDirectAnswer(state.messages, run)) return { jumpTo: "end" };
        if (!askAgain || run.askedAgain || !isSilent(state.messages)) return undefined;
        run.askedAgain = true;
        return { messages: [nudge(tools)], jumpTo: "model" };
      },
    },
    async wrapModelCall(request, handler) {
      const run = findRun(request.runtime);
      const view = run?.view;
      const response = await handler(
        view === undefined ? request : { ...request, messages: withView(request.messages, view) },
      );
      if (run !== undefined) settle(response, request.messages, run, tools);
      return response;
    },
  });
}

/** In front, but behind a system message that the agent's state may begin with. */
function withView(messages: readonly BaseMessage[], view: HumanMessage): BaseMessage[] {
  const firstOther = messages.findIndex((message) => !SystemMessage.isInstance(message));
  const at = firstOther === -1 ? messages.length : firstOther;
  return messages.toSpliced(at, 0, view);
}

function isDirectAnswer(messages: readonly BaseMessage[], { directTools }: Run): boolean {
  const last = messages.at(-1);
  return ToolMessage.isInstance(last) && last.status !== "error" && directTools.has(last.name ?? "");
}

function isSilent(messages: readonly BaseMessage[]): boolean {
  const last = messages.at(-1);
  return AIMessage.isInstance(last) && (last.tool_calls ?? []).length === 0;
}

function nudge(tools: readonly HandoffTool[]): HumanMessage {
  const names = tools.map(({ name }) => name).join(", ");
  const content = `You have not handed the task on. Call one of these tools now: ${names}. Only if the whole task is done, answer once more without a tool call.`;
  return new HumanMessage({ content, additional_kwargs: { lc_source: "agenthandoff" } });
}

/** What a model call returned: a message, or messages with a structured response. */
function settle(response: unknown, before: readonly BaseMessage[], run: Run, tools: readonly HandoffTool[]): void {
  const structured = response as { readonly messages?: BaseMessage[] };
  const messages = BaseMessage.isInstance(response) ? [response] : (structured.messages ?? []);
  const taken = new Set(before.map(({ id }) => id));
  for (const message of messages) {
    // Some servers repeat one id for every answer, and the new message would overwrite the old one.
    if (message.id === undefined || taken.has(message.id)) message._updateId(randomUUID());
    taken.add(message.id);
  }
  if (structured.messages !== undefined) answerLeftovers(structured.messages, run, tools);
  else for (const message of messages) nameSpeaker(message, run.speaker);
  // Now, since later hooks change messages in place (a person's edit of a tool call does).
  run.collector?.see(messages);
}

/** LangChain does the same a moment later; the message is the same message before and after. */
function nameSpeaker(message: BaseMessage, speaker: string | undefined): void {
  if (speaker !== undefined) Object.assign(message, { name: speaker }).lc_kwargs.name = speaker;
}

/**
 * LangChain ends the turn at a structured response and runs no other tool call of that message, which would leave
 * calls without answers, and a hand-off undone.
 */
function answerLeftovers(messages: BaseMessage[], run: Run, tools: readonly HandoffTool[]): void {
  const answered = new Set(
    messages.filter((message) => ToolMessage.isInstance(message)).map((each) => each.tool_call_id),
  );
  const answersTo = (message: BaseMessage) =>
    ((AIMessage.isInstance(message) && message.tool_calls) || [])
      .filter(({ id }) => id !== undefined && !answered.has(id))
      .map(({ id, name, args }) => {
        const handoff = tools.find((tool) => tool.name === name);
        const content = handoff?.take(run, args) ?? "Not run: the turn ended with the structured response.";
        return new ToolMessage({ content, name, tool_call_id: id ?? "", id: randomUUID() });
      });
  messages.splice(0, messages.length, ...messages.flatMap((message) => [message, ...answersTo(message)]));
}
