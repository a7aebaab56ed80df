import type { z } from "zod";

/** One entry of the record, as the message that shows the past has it. */
export interface RecordEntry {
  readonly id: string;
  readonly hop: number;
  readonly text: string;
}

/** Reads the marked entries out of a text. Lines of an entry after its first are indented. */
export function readRecord(text: string): RecordEntry[] {
  const entries: RecordEntry[] = [];
  let current: { id: string; hop: number; lines: string[] } | undefined;
  const close = () => {
    if (current) entries.push({ id: current.id, hop: current.hop, text: current.lines.join("\n") });
    current = undefined;
  };
  for (const line of text.split("\n")) {
    const mark = /^\[(?<id>(?<hop>\d+)\.\d+)\] (?<rest>.*)$/.exec(line)?.groups;
    if (mark) {
      close();
      current = { id: mark.id ?? "", hop: Number(mark.hop), lines: [mark.rest ?? ""] };
    } else if (current && line.startsWith("    ")) current.lines.push(line.slice(4));
    else close();
  }
  close();
  return entries;
}

/** The JSON after a label such as `result of describe_file: `, or undefined where it is not what the schema says. */
function parseAfter<T>(text: string, label: string, schema: z.ZodType<T>): T | undefined {
  if (!text.startsWith(label)) return undefined;
  try {
    const result = schema.safeParse(JSON.parse(text.slice(label.length)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

export interface Found<T> {
  readonly hop: number;
  readonly value: T;
}

/** Every result of a tool that the record shows, oldest first. */
export function resultsOf<T>(entries: readonly RecordEntry[], tool: string, schema: z.ZodType<T>): Found<T>[] {
  return entries.flatMap(({ hop, text }) => {
    const value = parseAfter(text, `result of ${tool}: `, schema);
    return value === undefined ? [] : [{ hop, value }];
  });
}

/** Every state of a name that the record shows, oldest first. */
export function statesOf<T>(entries: readonly RecordEntry[], name: string, schema: z.ZodType<T>): Found<T>[] {
  return entries.flatMap(({ hop, text }) => {
    const value = parseAfter(text, `state ${name}: `, schema);
    return value === undefined ? [] : [{ hop, value }];
  });
}
