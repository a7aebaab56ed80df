import { isDeepStrictEqual, types } from "node:util";
import type { Context } from "@agenthandoff/core";

/** What two runs of one task may differ in, wherever they ran. Everything else must be equal, value for value. */
export const MAY_DIFFER = {
  /** Names made anew by each run. Where one stands for something in one context, one stands for the same in the other. */
  ids: [
    "handoffs[].commitId",
    "handoffs[].attempt",
    // Of a person's answer: it is made of the head that was answered, which holds all of these.
    "handoffs[].requestId",
    // Of the handoff before, which holds all of these.
    "handoffs[].previous",
    "entries[].message.id",
    "entries[].message.tool_call_id",
    "entries[].message.tool_calls[].id",
    // Where a message keeps what it was made of.
    "entries[].message.lc_kwargs.id",
    "entries[].message.lc_kwargs.tool_call_id",
    "entries[].message.lc_kwargs.tool_calls[].id",
  ],
  times: ["handoffs[].createdAt"],
  /** Durations, and what the model counted. */
  usage: ["handoffs[].usage", "entries[].message.usage_metadata", "entries[].message.lc_kwargs.usage_metadata"],
} as const;

const named = (paths: readonly string[]): ReadonlySet<string> => new Set(paths);
const IDS = named(MAY_DIFFER.ids);
const OTHERS = named([...MAY_DIFFER.times, ...MAY_DIFFER.usage]);

/** Where two contexts differ though they must not, as paths with both values. Empty where they are equal. */
export function differences(one: Context, other: Context): string[] {
  const found: string[] = [];
  const pairs = onePairs();

  const compare = (a: unknown, b: unknown, path: string): void => {
    const rule = path.replace(/\[\d+\]/g, "[]");
    // Of one kind all the same: one that is missing is a difference.
    if (OTHERS.has(rule) && kindOf(a) === kindOf(b)) return;
    if (IDS.has(rule) && typeof a === "string" && typeof b === "string") {
      if (!pairs.match(a, b)) found.push(`${path}: ${a} stands for something else than ${b}`);
      return;
    }
    const kind = kindOf(a);
    if (kind !== kindOf(b)) found.push(`${path}: a ${kind} against a ${kindOf(b)}`);
    else if (isComposite(a) && isComposite(b)) {
      const array = Array.isArray(a);
      for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
        compare(a[name], b[name], array ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`);
    } else if (!isDeepStrictEqual(a, b)) found.push(`${path}: ${shown(a)} against ${shown(b)}`);
  };

  compare(plain(one), plain(other), "");
  return found;
}

/** All that a context holds. An artifact is its record: its bytes are what its hash says. */
function plain({ handoffs, entries, ...rest }: Context): Record<string, unknown> {
  const { relayId, taskId, hop, step, from, reason, input, metadata, answer } = rest;
  const artifact = (value: unknown) =>
    Object.fromEntries(Object.entries(value as object).filter(([, member]) => typeof member !== "function"));
  return {
    ...{ relayId, taskId, hop, step, from, reason, input, metadata, answer, handoffs },
    entries: entries.map(({ id, hop: at, index, agent, kind, name, value }) => ({
      place: { id, at, index, agent },
      name,
      [kind]: kind === "artifact" ? artifact(value) : value,
    })),
  };
}

/** Ids that stand for each other, one to one. */
function onePairs(): { match(a: string, b: string): boolean } {
  const forward = new Map<string, string>();
  const back = new Map<string, string>();
  return {
    match(a, b) {
      if (!forward.has(a) && !back.has(b)) {
        forward.set(a, b);
        back.set(b, a);
      }
      return forward.get(a) === b;
    },
  };
}

/** The class of an object, as messages are classes too; else what `typeof` says. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return (Object.getPrototypeOf(value) as object | null)?.constructor.name ?? "object without a prototype";
}

const WHOLE: readonly ((value: unknown) => boolean)[] = [
  types.isDate,
  types.isMap,
  types.isSet,
  types.isRegExp,
  types.isNativeError,
  types.isAnyArrayBuffer,
  ArrayBuffer.isView,
  (value) => value instanceof URL,
];

/** Objects whose members say all about them; others are compared as a whole. */
function isComposite(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !WHOLE.some((is) => is(value));
}

const MAX_SHOWN = 200;

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
