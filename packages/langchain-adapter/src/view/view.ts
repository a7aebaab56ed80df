import type { Artifact, Context, Entry } from "@agenthandoff/core";
import { HumanMessage } from "@langchain/core/messages";
import { isCheckpoint } from "../agent/checkpoint-entry.js";
import { textOf } from "./text.js";

export interface ViewOptions {
  /** Cut each entry to this many characters, saying how many are missing. Default: no limit. */
  readonly maxCharactersPerEntry?: number;
  /** Kinds of entries to leave out. Default: `view`, which repeats what others hold. */
  readonly without?: readonly Entry["kind"][];
}

/** The id of the message that shows the past. It stands in no agent's state, and in no record. */
export const VIEW_ID = "agenthandoff-view";

const WITHOUT: readonly Entry["kind"][] = ["view"];
const HEADING = "The record of this task so far. Each entry is marked [hop.entry].";

/**
 * The past as text, each entry under its mark. Text, since the messages themselves would bring along tool calls,
 * reasoning blocks and ids that a provider refuses from another agent.
 * @param throughHop the last hop to show
 */
export function renderView(context: Context, options: ViewOptions = {}, throughHop: number = context.hop): string {
  const without = options.without ?? WITHOUT;
  const lines = new Map<number, string[]>();
  for (const record of context.handoffs) if (record.hop <= throughHop) lines.set(record.hop, [heading(record)]);
  for (const entry of context.entries) {
    if (!without.includes(entry.kind) && !isCheckpoint(entry)) lines.get(entry.hop)?.push(renderEntry(entry, options));
  }
  return [HEADING, ...[...lines.values()].map((each) => each.join("\n"))].join("\n\n");
}

export function viewMessage(text: string): HumanMessage {
  return new HumanMessage({ id: VIEW_ID, content: text, additional_kwargs: { lc_source: "agenthandoff" } });
}

function heading({ hop, fromAgent, by, decision }: Context["handoffs"][number]): string {
  const actor = fromAgent ?? by ?? "the caller";
  const what = decision.kind === "handoff" ? `hands to ${decision.to}` : decision.kind;
  const reason = "reason" in decision && decision.reason !== undefined ? `: ${decision.reason}` : "";
  return indented(`## Hop ${hop}: ${actor} ${what}${reason}`);
}

function renderEntry(entry: Entry, { maxCharactersPerEntry }: ViewOptions): string {
  const text = entry.kind === "artifact" ? artifactText(entry.value as Artifact) : labeled(entry);
  const cut =
    maxCharactersPerEntry === undefined || text.length <= maxCharactersPerEntry
      ? text
      : `${text.slice(0, maxCharactersPerEntry)} … (${text.length - maxCharactersPerEntry} more characters)`;
  return indented(`[${entry.id}] ${cut}`);
}

/** So that no text inside an entry can pass for a mark of its own. */
function indented(text: string): string {
  return text.replace(/\r\n|[\n\r\u2028\u2029]/g, "\n    ");
}

function labeled({ kind, name, value }: Entry): string {
  const text = textOf(value);
  if (kind === "message") return text;
  return `${name === undefined ? kind : `${kind} ${name}`}: ${text}`;
}

function artifactText({ name, mediaType, size }: Artifact): string {
  return `artifact ${name} (${mediaType}, ${size} bytes)`;
}
