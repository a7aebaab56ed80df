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
  /** The process dies before it. */
  | "crash-before"
  /** It takes minutes. */
  | "slow"
  /** Its process stands still for longer than a lease lasts, then goes on: a zombie. */
  | "pause"
  /** It happens, and the caller is told that it failed. Only what changes something. */
  | "lost-reply"
  /** It happens; its process dies before it hears of it. Only what changes something. */
  | "crash-after"
  /** It takes minutes, then happens; its process has died meanwhile. Only what changes something. */
  | "die-waiting"
  /** It happens twice; a message is then in the queue twice. Only what changes something. */
  | "double"
  /** Refused because of another write to the same key (S3's 409): nothing has happened, and it must be tried again. Puts only. */
  | "conflict"
  /** A message that a queue accepted is gone. Sends only. */
  | "lose"
  /** A copy of the message arrives once more, hours later. Sends only. */
  | "late";

const OF_ANYTHING: readonly Fault[] = ["fail", "crash-before", "slow", "pause"];
const OF_CHANGES: readonly Fault[] = [...OF_ANYTHING, "lost-reply", "crash-after", "die-waiting", "double"];
const OF_PUTS: readonly Fault[] = [...OF_CHANGES, "conflict"];
const OF_SENDS: readonly Fault[] = [...OF_CHANGES, "lose", "late"];

export const ALL_FAULTS: readonly Fault[] = [...new Set([...OF_PUTS, ...OF_SENDS])];

const READS = new Set(["get", "list", "receive", "list-dead", "events", "by-agent", "task", "tasks", "intents"]);

/** What can go wrong with an operation: a read whose reply is lost, say, is one that failed. */
export function faultsOf({ name }: Pick<Operation, "name">): readonly Fault[] {
  if (READS.has(name)) return OF_ANYTHING;
  if (name === "put") return OF_PUTS;
  return name === "send" ? OF_SENDS : OF_CHANGES;
}

/** Decides, operation by operation, what goes wrong. */
export interface FaultPlan {
  faultOf(operation: Operation): Fault | undefined;
  /** Whether this call of a part fails, since the part is out or throttles. */
  isOut(part: Operation["part"], now: number): boolean;
}

/** Exactly these faults, by the operation's number: what shrinking and exhaustive runs use. */
export function plannedFaults(faults: ReadonlyMap<number, Fault>): FaultPlan {
  return { faultOf: (operation) => faults.get(operation.number), isOut: () => false };
}

export const NO_FAULTS: FaultPlan = plannedFaults(new Map());

/** A part that answers nothing, or only some calls, for a while. */
export interface Outage {
  readonly part: Operation["part"];
  readonly from: number;
  readonly to: number;
  /** Of all calls, from 0 to 1. Less than 1: it throttles. */
  readonly share: number;
}

export interface RandomFaultOptions {
  readonly random: Random;
  /** Faults happen until this instant. */
  readonly until: () => boolean;
  /** Of how many operations one goes wrong, about. */
  readonly oneIn: number;
  readonly outages: readonly Outage[];
  /** Leaves every other part alone. */
  readonly part?: Operation["part"];
  /** Leaves these out. */
  readonly without?: readonly Fault[];
  /** Told what was chosen, so that a run can be repeated from the list. */
  readonly onFault?: (operation: Operation, fault: Fault) => void;
}

export function randomFaults(options: RandomFaultOptions): FaultPlan {
  const { random, until, oneIn, outages, part, without = [], onFault } = options;
  return {
    faultOf(operation) {
      if (until() || random.number() * oneIn >= 1) return undefined;
      if (part !== undefined && part !== operation.part) return undefined;
      const choice = faultsOf(operation).filter((fault) => !without.includes(fault));
      const fault = choice[Math.floor(random.number() * choice.length)];
      if (fault !== undefined) onFault?.(operation, fault);
      return fault;
    },
    isOut: (asked, now) =>
      outages.some(
        ({ part: of, from, to, share }) =>
          of === asked && from <= now && now < to && (share === 1 || random.number() < share),
      ),
  };
}
