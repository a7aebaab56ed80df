import { HandoffError } from "@agenthandoff/core";
import type { Mutation } from "./mutate/mutation.js";

/** One thing that is made of bytes from elsewhere, and what must hold for whatever these bytes are. */
export interface Target {
  readonly name: string;
  /** Valid inputs to begin with: a few, and small. */
  seeds(): Promise<readonly Uint8Array[]>;
  /** What inputs of this kind are made of. */
  readonly words: readonly string[];
  /** Changes that keep the outer form, so that what lies further in is reached too. */
  readonly mutations?: readonly Mutation[];
  /** Throws an error of this library for a bad input, and any other for what must never happen. */
  run(input: Uint8Array): void | Promise<void>;
}

/** Errors are written into logs and audits, whoever caused them. */
const MAX_MESSAGE_CHARACTERS = 4_096;

const PROTOTYPES: readonly object[] = [
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  Map,
  Set,
  Date,
  RegExp,
  Error,
  Promise,
  Buffer,
].flatMap((maker) => [maker, maker.prototype as object]);

// A name that was given another meaning shows in the values, one that was added in their number.
const fingerprint = (): readonly unknown[] =>
  PROTOTYPES.flatMap((prototype) => [Reflect.ownKeys(prototype).length, Object.getPrototypeOf(prototype)]);

const clean = fingerprint();

/**
 * Gives a target one input.
 * @returns what went wrong: an error that is none of the library's, or one too long for a log, or a polluted prototype
 */
export async function examine(target: Target, input: Uint8Array): Promise<Error | undefined> {
  let problem: Error | undefined;
  try {
    // Most targets are synchronous, and a needless turn of the event loop costs more than a run of one.
    const running = target.run(input);
    if (running !== undefined) await running;
  } catch (error) {
    if (!HandoffError.isInstance(error)) problem = error instanceof Error ? error : new Error(String(error));
    else if (error.message.length > MAX_MESSAGE_CHARACTERS)
      problem = new Error(`an error's message has ${error.message.length} characters`);
  }
  const now = fingerprint();
  if (now.some((each, index) => each !== clean[index])) return new Error("a prototype was polluted");
  return problem;
}

/** A law of a target: what must hold for every input that it accepts. */
export function law(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
}
