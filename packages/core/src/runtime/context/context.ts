import type { HandoffRecord } from "../../protocol/index.js";

/** One thing that was learned in an earlier hop. Decoded when its value is first read. */
export interface Entry {
  /** `<hop>.<index>`, as `toMarkdown` marks it. */
  readonly id: string;
  readonly hop: number;
  /** Its place within the hop, from 0. */
  readonly index: number;
  /** The agent that produced it; null for what came from outside (the input, an answer). */
  readonly agent: string | null;
  readonly kind: "input" | "answer" | "message" | "output" | "state" | "view" | "artifact";
  readonly name: string | undefined;
  /** The value as its producer gave it; for an artifact, the `Artifact`. Decoded once: a reader that changes it changes it for this run only. */
  readonly value: unknown;
}

/** A file that an earlier hop (or the caller) left. */
export interface Artifact {
  readonly name: string;
  readonly mediaType: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly hop: number;
  readonly agent: string | null;
  /**
   * Its bytes, read and verified at each call.
   * @throws ContextIntegrityError when they are missing or not what was stored
   */
  bytes(): Promise<Uint8Array>;
  /** Its bytes as UTF-8 text. */
  text(): Promise<string>;
}

export interface EntryFilter {
  /** Only what this agent produced. */
  readonly agent?: string;
  readonly name?: string;
}

/** Everything that the hops up to `hop` learned, in order: what the agent at `hop + 1` receives. */
export interface Context {
  readonly relayId: string;
  readonly taskId: string;
  /** The last hop it covers. */
  readonly hop: number;
  /** The hop that the present execution counts as; equal in every attempt and after a retry. */
  readonly step: number;
  /** Who handed it over; null when it was the caller, an answer or a retry. */
  readonly from: string | null;
  /** Why it was handed over. */
  readonly reason: string | undefined;
  /** The records of hops 0 … `hop`. */
  readonly handoffs: readonly HandoffRecord[];
  readonly entries: readonly Entry[];
  /** The value that the task was started with. */
  readonly input: unknown;
  /** The caller's own data about the task. */
  readonly metadata: unknown;
  /** A person's answer, when that is what this execution (or the one it retries) goes on from. */
  readonly answer: unknown;
  messages(filter?: EntryFilter): readonly unknown[];
  outputs(filter?: EntryFilter): readonly unknown[];
  /** The last output of an agent, or `undefined` when it has left none. */
  latest(agent: string, name?: string): unknown;
  /** The last state value of that name, or `undefined`. */
  state(name: string, filter?: { readonly agent?: string }): unknown;
  artifacts(filter?: EntryFilter): readonly Artifact[];
  /** The last artifact of that name, or `undefined`. */
  artifact(name: string): Artifact | undefined;
  /** All of it as text, for people and for agents that take text. */
  toMarkdown(options?: MarkdownOptions): string;
}

export interface MarkdownOptions {
  /** Cut each value to this many characters, saying so. Default: no limit. */
  readonly maxCharactersPerEntry?: number;
  /** Leave out kinds. Default: views, which repeat what others hold. */
  readonly without?: readonly Entry["kind"][];
}
