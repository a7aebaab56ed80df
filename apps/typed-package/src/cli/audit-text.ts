import type { AuditEvent, Verification } from "@agenthandoff/core";
import { decisionInWords, printable } from "./printer.js";

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** What happened, in a few words. */
export function eventInWords({ kind, agent, detail }: AuditEvent): string {
  switch (kind) {
    case "committed": {
      const who = detail.from ?? detail.by ?? "the caller";
      return `${text(who)} ${decisionInWords(text(detail.decision), text(detail.to))}`;
    }
    case "attempt_started":
      return `${agent} starts`;
    case "attempt_failed":
      return `${agent} fails: ${text((detail.error as { message?: unknown } | undefined)?.message ?? "")}`;
    case "attempt_released":
      return `${agent} gives back: ${text(detail.reason)}`;
    default:
      return `${kind}${agent === undefined ? "" : ` ${agent}`}`;
  }
}

const attemptOf = ({ detail }: AuditEvent): string => (typeof detail.attempt === "string" ? detail.attempt : "");

/** Under the words of an event, which follow a time and a hop. */
const REASON_INDENT = " ".repeat(23);

function reasonLines({ kind, detail }: AuditEvent): string[] {
  return kind === "committed" && typeof detail.reason === "string"
    ? [`${REASON_INDENT}“${printable(detail.reason)}”`]
    : [];
}

/**
 * The audit trail as lines for a terminal.
 * @param options.reasons Under what was decided, a line that says why, where that was said. Default: false.
 */
export function auditLines(
  events: readonly AuditEvent[],
  { reasons = false }: { readonly reasons?: boolean } = {},
): string[] {
  return events.flatMap((event) => {
    const hash = typeof event.detail.sha256 === "string" ? `  sha256 ${event.detail.sha256.slice(0, 12)}…` : "";
    const attempt = attemptOf(event) === "" ? "" : `  attempt ${attemptOf(event)}`;
    const line = printable(
      `${event.at.slice(11)}  hop ${String(event.hop).padStart(2)}  ${eventInWords(event)}${attempt}${hash}`,
    );
    return reasons ? [line, ...reasonLines(event)] : [line];
  });
}

export interface Repeated {
  readonly agent: string;
  readonly hop: number;
  readonly attempts: readonly string[];
}

/** The steps that were run more than once, by the hop whose handoff they carried out. */
export function repeatedSteps(events: readonly AuditEvent[]): { repeated: Repeated[]; once: Repeated[] } {
  const steps = new Map<number, { agent: string; hop: number; attempts: string[] }>();
  for (const event of events) {
    if (event.kind !== "attempt_started") continue;
    const step = steps.get(event.hop) ?? { agent: event.agent ?? "", hop: event.hop, attempts: [] };
    step.attempts.push(attemptOf(event));
    steps.set(event.hop, step);
  }
  const all = [...steps.values()].sort((a, b) => a.hop - b.hop);
  return {
    repeated: all.filter(({ attempts }) => attempts.length > 1),
    once: all.filter(({ attempts }) => attempts.length === 1),
  };
}

const cell = (value: string): string => printable(value).replaceAll("|", "\\|");

/** The audit trail as a file for people. */
export function auditMarkdown(taskId: string, events: readonly AuditEvent[], verification: Verification): string {
  const rows = events.map((event) => {
    const { detail } = event;
    const columns = [
      event.at,
      String(event.hop),
      eventInWords(event),
      attemptOf(event),
      typeof detail.sha256 === "string" ? `\`${detail.sha256}\`` : "",
      typeof detail.reason === "string" ? detail.reason : "",
    ];
    return `| ${columns.map(cell).join(" | ")} |`;
  });
  const verdict = verification.ok
    ? `Verified: ${verification.hops} handoffs, each holding the hash of the one before, and ${verification.blobs} blobs. Nothing is missing or altered.`
    : `**Not intact:** ${verification.problems.map(({ hop, what }) => `hop ${hop}: ${what}`).join("; ")}`;
  return `# Audit of task ${taskId}

${verdict}

| time (UTC) | hop | what happened | attempt | sha256 of the handoff | reason |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
