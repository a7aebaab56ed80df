import type { Random } from "@agenthandoff/core";

/** One call from a process to its backend. */
export interface Operation {
  /** Counts all operations of a run. */
  readonly number: number;
  readonly process: string;
  readonly part: "store" | "queue" | "audit";
  readonly name: string;
}

/** What goes wrong with an operation. */
export type Fault =
  /** It fails, and nothing has happened. */
  | "fail"
  /** It happens, and the caller is told that it failed. */
  | "lost-reply"
  /** The process dies before it. */
  | "crash-before"
  /** It happens; its process dies before it hears of it. */
  | "crash-after"
  /** It happens twice. */
  | "double"
  /** It takes minutes. */
  | "slow"
  /** Its process stands still for longer than a lease lasts, then goes on: a zombie. */
  | "pause"
  /** A message that a queue accepted is gone. Sends only. */
  | "lose";

export const ALL_FAULTS: readonly Fault[] = [
  "fail",
  "lost-reply",
  "crash-before",
  "crash-after",
  "double",
  "slow",
  "pause",
  "lose",
];

/** Decides, operation by operation, what goes wrong. */
export interface FaultPlan {
  faultOf(operation: Operation): Fault | undefined;
  /** Whether a whole part is out at this instant. */
  isOut(part: Operation["part"], now: number): boolean;
}

/** Exactly these faults, by the operation's number: what shrinking and exhaustive runs use. */
export function plannedFaults(faults: ReadonlyMap<number, Fault>): FaultPlan {
  return { faultOf: (operation) => faults.get(operation.number), isOut: () => false };
}

export const NO_FAULTS: FaultPlan = plannedFaults(new Map());

export interface RandomFaultOptions {
  readonly random: Random;
  /** Faults happen until this instant. */
  readonly until: () => boolean;
  /** Of how many operations one goes wrong, about. */
  readonly oneIn: number;
  readonly outages: readonly { readonly part: Operation["part"]; readonly from: number; readonly to: number }[];
  /** Leaves every other fault out. */
  readonly only?: { readonly part: Operation["part"]; readonly fault: Fault };
  /** Told what was chosen, so that a run can be repeated from the list. */
  readonly onFault?: (operation: Operation, fault: Fault) => void;
}

export function randomFaults({ random, until, oneIn, outages, only, onFault }: RandomFaultOptions): FaultPlan {
  return {
    faultOf(operation) {
      if (until() || random.number() * oneIn >= 1) return undefined;
      if (only !== undefined && only.part !== operation.part) return undefined;
      const fault = only?.fault ?? ALL_FAULTS[Math.floor(random.number() * ALL_FAULTS.length)];
      if (fault !== undefined) onFault?.(operation, fault);
      return fault;
    },
    isOut: (part, now) => outages.some((outage) => outage.part === part && outage.from <= now && now < outage.to),
  };
}
