/** A quotation in a Markdown file that cannot be filled: the message names the place and what to do. */
export class QuoteError extends Error {
  override readonly name = "QuoteError";
}

/** Reads a file of the repository by its path from the root; `undefined` when there is none. */
export type ReadFile = (path: string) => string | undefined;

const MARK = /^<!--\s*quote\s+(?<path>[^\s#]+)(?:#(?<region>[\w-]+))?\s*-->$/;
const LOOKS_LIKE_MARK = /^\s*<!--\s*quote\b/;
const FENCE = /^(?<indent>\s*)(?<fence>`{3,}|~{3,})(?<info>[^`]*)$/;
const REGION = /^\s*(?:\/\/|#)\s*#region(?:\s+(?<name>[\w-]+))?\s*$/;
const END_REGION = /^\s*(?:\/\/|#)\s*#endregion\b.*$/;

/**
 * Returns the Markdown with each fenced block that follows a mark, `<!-- quote examples/two-agents.ts -->` or
 * `<!-- quote examples/two-agents.ts#agents -->`, filled with what that file, or that `// #region agents` of it,
 * says now. Marks inside other fenced blocks are left alone.
 *
 * @throws QuoteError when a mark names no file or region, or no fenced block follows it.
 */
export function fillQuotes(markdown: string, markdownPath: string, readFile: ReadFile): string {
  const lines = markdown.split("\n");
  const output: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    output.push(line);
    const place = `${markdownPath}:${index + 1}`;
    if (FENCE.test(line)) {
      const end = closingFence(lines, index, place);
      output.push(...lines.slice(index + 1, end + 1));
      index = end;
    } else if (LOOKS_LIKE_MARK.test(line)) {
      const start = lines.findIndex((candidate, at) => at > index && candidate.trim() !== "");
      const opening = lines[start]?.match(FENCE)?.groups;
      if (opening === undefined) {
        throw new QuoteError(`${place}: no fenced block follows this mark; put an empty one below it`);
      }
      const end = closingFence(lines, start, place);
      const quoted = quotedLines(line, place, readFile);
      const fence = fenceFor(quoted);
      const block = [fence + opening.info, ...quoted, fence];
      output.push(...lines.slice(index + 1, start));
      output.push(...block.map((blockLine) => (blockLine === "" ? "" : opening.indent + blockLine)));
      index = end;
    }
  }
  return output.join("\n");
}

function closingFence(lines: readonly string[], start: number, place: string): number {
  const opening = lines[start]?.match(FENCE)?.groups?.fence ?? "";
  const end = lines.findIndex((line, at) => {
    const groups = line.match(FENCE)?.groups;
    return at > start && groups?.fence?.startsWith(opening) === true && groups.info?.trim() === "";
  });
  if (end === -1) throw new QuoteError(`${place}: the fenced block that begins here is never closed`);
  return end;
}

function quotedLines(mark: string, place: string, readFile: ReadFile): readonly string[] {
  const { path, region } = mark.trim().match(MARK)?.groups ?? {};
  if (path === undefined) {
    throw new QuoteError(`${place}: cannot read this mark; write <!-- quote path/from/root.ts#region -->`);
  }
  const text = readFile(path);
  if (text === undefined)
    throw new QuoteError(`${place}: there is no file ${path}; paths start at the repository's root`);
  const lines = text.replaceAll("\r\n", "\n").replace(/\n+$/, "").split("\n");
  const selected = region === undefined ? lines : linesOfRegion(lines, region);
  if (selected === undefined) throw new QuoteError(`${place}: ${path} has no closed "#region ${region}"`);
  return withoutIndent(selected.filter((line) => !REGION.test(line) && !END_REGION.test(line)));
}

function linesOfRegion(lines: readonly string[], name: string): readonly string[] | undefined {
  const start = lines.findIndex((line) => line.match(REGION)?.groups?.name === name);
  if (start === -1) return undefined;
  let depth = 1;
  for (let index = start + 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (REGION.test(line)) depth += 1;
    if (END_REGION.test(line)) depth -= 1;
    if (depth === 0) return lines.slice(start + 1, index);
  }
  return undefined;
}

function withoutIndent(lines: readonly string[]): readonly string[] {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line) => line.slice(common));
}

/** One backtick more than any run that opens a line, so that quoted Markdown cannot close its own block. */
function fenceFor(lines: readonly string[]): string {
  const runs = lines.map((line) => line.match(/^\s*(`{3,})/)?.[1]?.length ?? 0);
  return "`".repeat(Math.max(3, ...runs.map((run) => run + 1)));
}
