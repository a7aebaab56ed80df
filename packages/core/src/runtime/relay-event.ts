/** What a process tells its observer. Ids and counts only, never content. */
export type RelayEvent =
  | {
      readonly kind: "run-started";
      readonly taskId: string;
      readonly hop: number;
      readonly agent: string;
      readonly attempt: string;
      readonly attemptNumber: number;
    }
  | {
      readonly kind: "run-ended";
      readonly taskId: string;
      readonly hop: number;
      readonly agent: string;
      readonly attempt: string;
      readonly ending: RunEndingKind;
      readonly durationMs: number;
    }
  | {
      readonly kind: "committed";
      readonly taskId: string;
      readonly hop: number;
      readonly agent: string | null;
      readonly decision: string;
      readonly bytes: number;
    }
  | {
      readonly kind: "delivery-ended";
      readonly taskId: string;
      readonly agent: string;
      readonly outcome: string;
      readonly reason?: string;
    }
  | { readonly kind: "worker-error"; readonly agent: string; readonly error: unknown };

export type RunEndingKind = "returned" | "threw" | "deadline" | "superseded" | "lease-lost" | "drained";

export type RelayObserver = (event: RelayEvent) => void;
