import type { Random } from "@agenthandoff/core";
import { beginning } from "./agent-message.js";
import type { SourceFile } from "./sources.js";

/** Part of a source file. */
export interface Excerpt {
  readonly path: string;
  /** The line of the file where it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Longer than any message, so that a message never lacks text. */
const EXCERPT_CHARACTERS = 16_384;

/** Draws excerpts from files, larger files more often. One that reaches a file's end goes on with the next file. */
export function createExcerpts(files: readonly SourceFile[]): (random: Random) => Excerpt {
  const total = files.reduce((sum, { text }) => sum + text.length, 0);
  return (random) => {
    let offset = Math.floor(random.number() * total);
    for (const [index, { text }] of files.entries()) {
      if (offset < text.length) return excerptAt([...files.slice(index), ...files], offset);
      offset -= text.length;
    }
    throw new RangeError("no file holds this offset");
  };
}

function excerptAt(files: readonly SourceFile[], offset: number): Excerpt {
  const [first, ...more] = files;
  if (first === undefined) throw new RangeError("there are no files");
  // Whole lines, as far as the file has any.
  const start = first.text.lastIndexOf("\n", offset) + 1;
  let text = beginning(first.text.slice(start), EXCERPT_CHARACTERS);
  for (const file of more) {
    if (text.length >= EXCERPT_CHARACTERS) break;
    text += `\n\n${file.path}\n${beginning(file.text, EXCERPT_CHARACTERS - text.length)}`;
  }
  return { path: first.path, line: first.text.slice(0, start).split("\n").length, text };
}

export function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random.number() * items.length)] ?? items[0];
}
