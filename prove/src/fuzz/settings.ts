/** What the process that fuzzes one target is told, as its only argument. */
export interface FuzzSettings {
  readonly target: string;
  /** The file whose `TARGETS` it is one of. */
  readonly module: string;
  readonly seconds: number;
  readonly seed: number;
  /** Where inputs are kept. */
  readonly directory: string;
}

/** What it tells, every second, at each finding and at the end. A process that says nothing hangs. */
export interface FuzzProgress {
  readonly executions: number;
  /** Places in the code. */
  readonly seen: number;
  readonly findings: number;
  /** Of fuzzing, without what it takes to begin. */
  readonly seconds: number;
}

/** The file with the input that was last begun: its length in four bytes, then itself. */
export const CURRENT = "current";
