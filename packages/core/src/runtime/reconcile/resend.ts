import type { RelayEnvironment } from "../environment.js";

/** The longest gap between two re-sends. */
const MAX_GAP_MS = 6 * 60 * 60_000;

/**
 * How long a task must have been silent before its envelope is sent again with this generation (1 is the first
 * re-send). Silence may just be a backlog, so the gaps grow; age alone never fails a task.
 */
export function silenceBefore(generation: number, baseMs: number): number {
  return Math.min(MAX_GAP_MS, baseMs * 2 ** Math.min(generation, 40));
}

/** How long one delivery to an agent may rightly take: visibility plus the hop's deadline, in milliseconds. */
export function deliveryMs(
  { agents, backend, limits }: Pick<RelayEnvironment, "agents" | "backend" | "limits">,
  agent: string | null,
): number {
  const own = agent === null ? undefined : agents.get(agent)?.deadlineMs;
  return backend.visibilityMs + (own ?? limits.hopDeadlineMs);
}

export interface Silence {
  readonly now: number;
  /** When the head was committed. */
  readonly headAt: number;
  /** When its envelope was last sent again. */
  readonly lastResentAt: number | undefined;
  /** How often it was sent again. */
  readonly resends: number;
  /** How long one delivery may rightly take. */
  readonly baseMs: number;
}

/** The generation with which to send again now, or `undefined` while silence is no reason to. */
export function generationDue(silence: Silence): number | undefined {
  return silence.now > resendDueAt(silence) ? silence.resends + 1 : undefined;
}

/** Past this instant the silence is a reason to send again. */
export function resendDueAt({ headAt, lastResentAt, resends, baseMs }: Omit<Silence, "now">): number {
  return Math.max(headAt, lastResentAt ?? headAt) + silenceBefore(resends + 1, baseMs);
}
