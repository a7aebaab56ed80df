import type { Json } from "./json.js";

/** What stands in place of a node while a text is written: the value of a shared reference, say. */
export interface Replacement {
  readonly json: Json;
  /** Nodes with the same identity have the same text, which is written once and copied; none may contain another. */
  readonly identity?: unknown;
}

export interface WriteOptions {
  /** Sorts the names of objects by their UTF-16 code units. */
  readonly sorted?: boolean;
  readonly number: (number: number) => string;
  readonly string: (text: string) => string;
  readonly replace?: (node: Json) => Replacement;
  /** Called with the growing number of UTF-16 units written; throws to stop. */
  readonly onLength?: (length: number) => void;
  /** Called when a node contains itself; throws. */
  readonly onCycle?: (path: readonly (string | number)[]) => never;
}

interface Frame {
  readonly json: { readonly [key: string]: Json } | readonly Json[];
  /** The names of an object; undefined for an array. */
  readonly names: readonly string[] | undefined;
  readonly length: number;
  readonly identity: unknown;
  /** Of a node with an identity: the text before it. */
  readonly before: string;
  next: number;
}

/** Writes a JSON text with a stack of its own, so that no depth is too much for it. */
export function writeJson(root: Json, options: WriteOptions): string {
  const { number, string, replace, onLength } = options;
  const stack: Frame[] = [];
  const open = new Set<unknown>();
  const written = new Map<unknown, string>();
  /** Since the beginning, or since the innermost open node with an identity. */
  let text = "";
  let lengthBefore = 0;

  const write = (given: Json): void => {
    const { json, identity } = replace === undefined ? { json: given } : replace(given);
    const copy = identity === undefined ? undefined : written.get(identity);
    if (copy !== undefined) text += copy;
    else if (typeof json === "string") text += string(json);
    else if (typeof json === "number") text += number(json);
    else if (typeof json !== "object" || json === null) text += String(json);
    else {
      const before = identity === undefined ? "" : text;
      if (identity !== undefined) {
        if (open.has(identity)) options.onCycle?.(pathOf(stack));
        open.add(identity);
        lengthBefore += text.length;
        text = "";
      }
      const names = Array.isArray(json) ? undefined : Object.keys(json);
      if (options.sorted) names?.sort();
      stack.push({ json, names, length: names?.length ?? (json as readonly Json[]).length, identity, before, next: 0 });
      text += names === undefined ? "[" : "{";
    }
    onLength?.(lengthBefore + text.length);
  };

  write(root);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (frame.next === frame.length) {
      text += frame.names === undefined ? "]" : "}";
      if (frame.identity !== undefined) {
        open.delete(frame.identity);
        written.set(frame.identity, text);
        lengthBefore -= frame.before.length;
        text = frame.before + text;
      }
      stack.pop();
      continue;
    }
    if (frame.next > 0) text += ",";
    const key = keyAt(frame, frame.next++);
    if (typeof key === "string") text += `${string(key)}:`;
    write((frame.json as Record<string | number, Json>)[key] as Json);
  }
  return text;
}

function keyAt(frame: Frame, index: number): string | number {
  return frame.names === undefined ? index : (frame.names[index] as string);
}

function pathOf(stack: readonly Frame[]): (string | number)[] {
  return stack.map((frame) => keyAt(frame, frame.next - 1));
}
