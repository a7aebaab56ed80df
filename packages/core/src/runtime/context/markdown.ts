import type { Artifact, Context, Entry, MarkdownOptions } from "./context.js";
import { readableJson } from "./readable.js";

/** A context as text. Every entry bears its mark `[hop.entry]`, so that a reader can name what it relies on. */
export function contextToMarkdown(context: Context, options: MarkdownOptions = {}): string {
  const without = new Set(options.without ?? ["view"]);
  const entries = new Map<number, Entry[]>();
  for (const entry of context.entries) {
    if (!without.has(entry.kind)) entries.set(entry.hop, [...(entries.get(entry.hop) ?? []), entry]);
  }
  const sections = context.handoffs.map((record) => {
    const { decision, fromAgent, hop } = record;
    const who = fromAgent ?? (hop === 0 ? "the caller" : (record.by ?? "from outside"));
    const what = decision.kind === "handoff" ? `hands to ${decision.to}` : decision.kind;
    const reason = decision.reason === undefined ? "" : `\n\n> ${indent(decision.reason, "> ")}`;
    const body = (entries.get(hop) ?? []).map((entry) => renderEntry(entry, options.maxCharactersPerEntry));
    return [`## Hop ${hop}: ${who} ${what}${reason}`, ...body].join("\n\n");
  });
  return `# Task ${context.taskId}\n\n${sections.join("\n\n")}\n`;
}

function renderEntry(entry: Entry, maxCharacters = Number.POSITIVE_INFINITY): string {
  const name = entry.name === undefined ? "" : ` \`${entry.name}\``;
  if (entry.kind === "artifact") {
    const { mediaType, size, sha256 } = entry.value as Artifact;
    return `[${entry.id}] artifact${name}: ${mediaType}, ${size} bytes, sha256 ${sha256}`;
  }
  const { role, text } =
    entry.kind === "message" ? renderMessage(entry.value) : { role: undefined, text: renderValue(entry.value) };
  const cut =
    text.length > maxCharacters
      ? `${text.slice(0, maxCharacters)}… (${text.length - maxCharacters} more characters)`
      : text;
  return `[${entry.id}] ${entry.kind}${name}${role === undefined ? "" : ` from ${role}`}:\n\n${cut}`;
}

/** Reads messages of any library that has a role and a text, by shape. */
function renderMessage(value: unknown): { role: string | undefined; text: string } {
  if (typeof value !== "object" || value === null) return { role: undefined, text: renderValue(value) };
  const { role, type, content, tool_calls: toolCalls } = value as Record<string, unknown>;
  const speaker = typeof role === "string" ? role : typeof type === "string" ? type : undefined;
  const said = typeof content === "string" ? content : (ownText(value) ?? content);
  if (said === undefined) return { role: speaker, text: renderValue(value) };
  const parts = [typeof said === "string" ? said : renderValue(said)];
  if (Array.isArray(toolCalls)) {
    for (const call of toolCalls as ({ name?: unknown; args?: unknown } | null)[])
      parts.push(`calls \`${nameOf(call)}\` with\n\n${renderValue(call?.args)}`);
  }
  return { role: speaker, text: parts.filter((part) => part !== "").join("\n\n") };
}

/** What a message says that its text is. Some have a getter for it, which takes the content for what it should be. */
function ownText(message: object): string | undefined {
  try {
    const { text } = message as { readonly text?: unknown };
    return typeof text === "string" && text !== "" ? text : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(call: { readonly name?: unknown } | null): string {
  return typeof call?.name === "string" ? call.name : "(no name)";
}

function renderValue(value: unknown): string {
  if (typeof value === "string") return value;
  return `\`\`\`json\n${readableJson(value)}\n\`\`\``;
}

function indent(text: string, prefix: string): string {
  return text.replaceAll("\n", `\n${prefix}`);
}
