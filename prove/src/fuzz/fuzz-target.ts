import type { Random } from "@agenthandoff/core";
import type { Coverage } from "./guidance/counters.js";
import { mutate } from "./mutate/mutate.js";
import { createChance } from "./mutate/mutation.js";
import { examine, type Target } from "./target.js";

/** What one input may cost. */
export interface Costs {
  /** Processor time. */
  readonly milliseconds: number;
  /** What the process may grow by. */
  readonly bytes: number;
}

/** For inputs of 64 KiB at most: all that reads one should be linear in it, with time to spare. */
const COSTS: Costs = { milliseconds: 2_000, bytes: 384 * 1024 * 1024 };
/** Reading how much memory the process has takes longer than most inputs; who is this fast cannot have filled much. */
const FAST_MS = 10;

export interface Finding {
  readonly target: string;
  readonly what: string;
  readonly input: Uint8Array;
}

export interface FuzzOptions {
  readonly random: Random;
  readonly coverage: Coverage;
  /** Asked before each input. */
  readonly goOn: (executions: number) => boolean | Promise<boolean>;
  /** Inputs that were interesting in earlier runs. */
  readonly corpus?: readonly Uint8Array[];
  readonly costs?: Costs;
  /** Told of each input before it is given to the target, which may end the process. */
  readonly onInput?: (input: Uint8Array) => void;
  readonly onInteresting?: (input: Uint8Array) => void;
  readonly onFinding?: (finding: Finding) => void;
}

export interface FuzzReport {
  readonly executions: number;
  /** Inputs that each showed something new. */
  readonly corpus: number;
  readonly findings: readonly Finding[];
}

/**
 * Gives a target its seeds and then, again and again, a change of an input that was interesting: one that made the
 * code go where it had not been. Each finding is kept once, as short as it can easily be made.
 */
export async function fuzzTarget(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { coverage, random } = options;
  const corpus: Uint8Array[] = [];
  const findings = new Map<string, Finding>();
  let executions = 0;
  const chance = createChance(random, {
    words: target.words.map((word) => Buffer.from(word)),
    others: () => corpus,
  });

  /** What is wrong with an input, and where. */
  const look = async (input: Uint8Array): Promise<{ what: string; signature: string } | undefined> => {
    options.onInput?.(input);
    const problem = await measured(target, input, options.costs ?? COSTS);
    executions++;
    return problem === undefined ? undefined : { what: describe(problem), signature: signatureOf(problem) };
  };

  const attempt = async (input: Uint8Array, isSeed: boolean): Promise<void> => {
    const problem = await look(input);
    if (coverage.sawNew() || isSeed) {
      corpus.push(input);
      options.onInteresting?.(input);
    }
    if (problem === undefined || findings.has(problem.signature)) return;
    const shorter = await shorten(input, async (candidate) => (await look(candidate))?.signature === problem.signature);
    const finding = { target: target.name, what: (await look(shorter))?.what ?? problem.what, input: shorter };
    findings.set(problem.signature, finding);
    options.onFinding?.(finding);
  };

  for (const seed of [...(await target.seeds()), ...(options.corpus ?? [])]) await attempt(seed, true);
  while (await options.goOn(executions)) {
    // What was found last leads on more often than what everything began with.
    const recent = Math.ceil(corpus.length / 8);
    const parent = chance.below(2) === 0 ? chance.oneOf(corpus.slice(-recent)) : chance.oneOf(corpus);
    await attempt(mutate(parent, chance, target.mutations), false);
  }
  return { executions, corpus: corpus.length, findings: [...findings.values()] };
}

async function measured(target: Target, input: Uint8Array, costs: Costs): Promise<Error | undefined> {
  const before = process.cpuUsage();
  const residentBefore = resident;
  const problem = await examine(target, input);
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1_000;
  if (milliseconds <= FAST_MS) return problem;
  resident = process.memoryUsage.rss();
  if (problem !== undefined) return problem;
  if (milliseconds > costs.milliseconds) return new Error(`too slow: it took ${Math.round(milliseconds)} ms`);
  const growth = resident - residentBefore;
  return growth > costs.bytes ? new Error(`too large: the process grew by ${growth} bytes`) : undefined;
}

/** Of this process, when it was last looked at. */
let resident = process.memoryUsage.rss();

const describe = (problem: Error): string => (problem.stack ?? String(problem)).split("\n").slice(0, 8).join("\n");

/** Equal for the same fault: the same kind of error, from the same place in the sources. */
function signatureOf(problem: Error): string {
  const place = /\/(packages\/[^\s:]+)/.exec(problem.stack ?? "")?.[1];
  return `${problem.name} ${problem.message.slice(0, 80).replaceAll(/\d+/g, "N")} ${place}`;
}

const MAX_TRIES = 400;

/** A shorter input that is as bad: pieces are left out, larger ones first, as long as that changes nothing. */
async function shorten(input: Uint8Array, isAsBad: (input: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let shortest = input;
  let tries = 0;
  for (let size = Math.ceil(input.length / 2); size >= 1 && tries < MAX_TRIES; size = Math.floor(size / 2)) {
    for (let start = 0; start < shortest.length && tries < MAX_TRIES; tries++) {
      const candidate = Buffer.concat([shortest.subarray(0, start), shortest.subarray(start + size)]);
      if (await isAsBad(candidate)) shortest = candidate;
      else start += size;
    }
  }
  return shortest;
}
