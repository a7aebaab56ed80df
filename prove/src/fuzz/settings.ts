/** What the process that fuzzes one target is told, as its only argument. */
export interface FuzzSettings {
  readonly target: string;
  readonly seconds: number;
  readonly seed: number;
  /** Where inputs are kept. */
  readonly directory: string;
}

/** What it tells, every second and at the end. A process that says nothing hangs. */
export interface FuzzProgress {
  readonly executions: number;
  readonly seen: number;
}

/** The file with the input that was last begun: its length in four bytes, then itself. */
export const CURRENT = "current";
