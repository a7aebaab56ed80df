/** The longest gap between two re-sends. */
const MAX_GAP_MS = 6 * 60 * 60_000;

/**
 * How long a task must have been silent before its envelope is sent again with this generation (1 is the first
 * re-send). Silence may just be a backlog, so the gaps grow; age alone never fails a task.
 */
export function silenceBefore(generation: number, baseMs: number): number {
  return Math.min(MAX_GAP_MS, baseMs * 2 ** Math.min(generation, 40));
}

export interface Silence {
  readonly now: number;
  /** When the head was committed. */
  readonly headAt: number;
  /** When its envelope was last sent again. */
  readonly lastResentAt: number | undefined;
  /** How often it was sent again. */
  readonly resends: number;
  /** Visibility plus the hop's deadline: how long one delivery may rightly take. */
  readonly baseMs: number;
}

/** The generation with which to send again now, or `undefined` while silence is no reason to. */
export function generationDue({ now, headAt, lastResentAt, resends, baseMs }: Silence): number | undefined {
  const generation = resends + 1;
  const silentFor = now - Math.max(headAt, lastResentAt ?? headAt);
  return silentFor > silenceBefore(generation, baseMs) ? generation : undefined;
}
