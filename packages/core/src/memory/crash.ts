import { InvalidOptionsError } from "../errors/index.js";

/**
 * Where a process can die: each list in the order in which a process passes its points. A test that crashes at every
 * point of a list loops over it.
 */
export const CRASH_POINTS = {
  /** What `start`, `retry`, `resume` and `cancel` do. A cancel sends nothing. */
  caller: ["intent", "commit", "audit", "send", "settle"],
  /** What a worker does with a handoff. A step that ends its task, asks or fails sends nothing. */
  worker: ["receive", "attempt-started", "run", "commit", "audit", "send", "acknowledge"],
  /** What a worker does when the agent throws and has attempts left. */
  workerWhoseAgentThrows: ["receive", "attempt-started", "run", "attempt-failed", "release"],
} as const;

/**
 * Something that a process has just done, when it dies:
 *
 * - `intent`: a caller has announced what it will commit; nothing else has happened
 * - `receive`: a worker holds the message, and has read nothing
 * - `attempt-started`: the run is recorded, and has not begun
 * - `run`: the agent has returned or thrown; nothing of it is stored
 * - `attempt-failed`: what the agent threw is recorded
 * - `blob`: a file or a large value is stored, and no handoff names it yet (only where there is one)
 * - `commit`: the next slot is filled; nobody has been told
 * - `audit`: the commit is in the audit log
 * - `send`: the next agent's message is in its queue
 * - `acknowledge`: the message that was worked on is gone
 * - `release`: that message was given back, to be delivered again
 * - `settle`: the caller's intent is removed; the caller has not returned
 */
export type CrashPoint = (typeof CRASH_POINTS)[keyof typeof CRASH_POINTS][number] | "blob";

/** Which of the times that a process passes a point is meant. Default: the first, whatever it works on. */
export interface CrashScope {
  /** Only while it works on a handoff to this agent. What callers do is no agent's work. */
  readonly agent?: string;
  /** Only while it works on the handoff of this hop: what the agent sees as `context.hop`. */
  readonly hop?: number;
  /** Only for this task. */
  readonly taskId?: string;
  /** The how manyth of these times. Default: 1, the first. */
  readonly occurrence?: number;
}

/** When a process is to die; `memory({ crash })` takes it. Each handle counts for itself. */
export interface Crash extends CrashScope {
  readonly point: CrashPoint;
}

/** What a process is doing as it passes a point. */
export interface CrashPassing {
  readonly point: CrashPoint;
  readonly taskId: string;
  readonly agent: string | undefined;
  readonly hop: number | undefined;
}

const POINTS: ReadonlySet<string> = new Set<CrashPoint>([...Object.values(CRASH_POINTS).flat(), "blob"]);

/**
 * Lets the process that has a handle on `memory` die as soon as it has done something: `memory({ data, crash:
 * crashAfter("commit", { agent: "billing" }) })`.
 * @throws InvalidOptionsError
 */
export function crashAfter(point: CrashPoint, scope: CrashScope = {}): Crash {
  if (!POINTS.has(point))
    throw new InvalidOptionsError(`nobody passes "${point}"; the points are ${[...POINTS].join(", ")}`);
  const { occurrence = 1, hop = 0 } = scope;
  if (!Number.isSafeInteger(occurrence) || occurrence < 1)
    throw new InvalidOptionsError("a crash's occurrence must be a positive whole number: 1 is the first time");
  if (!Number.isSafeInteger(hop) || hop < 0)
    throw new InvalidOptionsError("a crash's hop must be a whole number: 0 is the hop of the caller's request");
  return { ...scope, point };
}

/** Counts the passings that a crash means; says of each whether the process dies of it. */
export function crashCounter(crash: Crash | undefined): (passing: CrashPassing) => boolean {
  let left = crash?.occurrence ?? 1;
  const isMeant = (passing: CrashPassing): boolean =>
    passing.point === crash?.point &&
    (crash.agent ?? passing.agent) === passing.agent &&
    (crash.hop ?? passing.hop) === passing.hop &&
    (crash.taskId ?? passing.taskId) === passing.taskId;
  return (passing) => isMeant(passing) && --left === 0;
}
