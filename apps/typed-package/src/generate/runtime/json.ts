import { FileError } from "./errors.js";
import { MAX_ROW_LENGTH, type Source, textOf } from "./source.js";

const parse = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FileError(`${where} is not JSON`, { cause });
  }
};

/**
 * Cuts a JSON text into the elements of one array: the outermost, or the one that is a member of the outermost object.
 * Only where elements begin and end is found here; what they hold is for `JSON.parse`.
 */
function elementCutter(member: string | undefined): { push(text: string): string[]; isDone(): boolean } {
  /** How deep the elements stand. */
  const level = member === undefined ? 1 : 2;
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** The last string that began and ended beside the members of the outermost object. */
  let key = "";
  let inTable = false;
  let found = false;
  let ended = false;
  let afterComma = false;
  /** The text of the current element, or of a key, as far as earlier chunks held it. */
  let held = "";

  const open = (character: string): void => {
    if (depth === 0 && ended) throw new FileError("text follows the end of the JSON");
    if (depth === 0 && character !== (member === undefined ? "[" : "{")) {
      throw new FileError(
        member === undefined ? "the JSON is not an array" : `the JSON is not an object with the member ${member}`,
      );
    }
    depth++;
    if (depth === level && character === "[" && (member === undefined || parse(key, "a member's name") === member)) {
      inTable = true;
      afterComma = false;
      found = true;
    }
  };

  const push = (text: string): string[] => {
    const elements: string[] = [];
    let from = 0;
    const take = (end: number): string => {
      const taken = held + text.slice(from, end);
      held = "";
      return taken;
    };
    for (let at = 0; at < text.length; at++) {
      const character = text[at] ?? "";
      if (inString) {
        if (escaped) escaped = false;
        else if (character === "\\") escaped = true;
        else if (character === '"') {
          inString = false;
          if (depth === 1 && !inTable) key = take(at + 1);
        }
        continue;
      }
      switch (character) {
        case '"':
          inString = true;
          if (depth === 1 && !inTable) from = at;
          break;
        case "{":
        case "[":
          open(character);
          if (inTable && depth === level) from = at + 1;
          break;
        case "}":
        case "]":
          if (inTable && depth === level) {
            const last = take(at);
            if (character !== "]") throw new FileError("the array of rows is closed by another bracket");
            if (last.trim() !== "" || afterComma) elements.push(last);
            inTable = false;
          }
          depth--;
          if (depth < 0) throw new FileError("a bracket is closed that was never opened");
          if (depth === 0) ended = true;
          break;
        case ",":
          if (inTable && depth === level) {
            elements.push(take(at));
            from = at + 1;
            afterComma = true;
          }
          break;
        default:
          if (depth === 0 && character.trim() !== "") {
            throw new FileError(
              ended ? "text follows the end of the JSON" : "the JSON is neither an array nor an object",
            );
          }
      }
    }
    if (inTable || (inString && depth === 1)) held += text.slice(from);
    if (held.length > MAX_ROW_LENGTH)
      throw new FileError("a row is longer than a row may be; look for a bracket that is never closed");
    return elements;
  };

  return {
    push,
    isDone() {
      if (ended && !found) throw new FileError(`the JSON lacks the array ${member}`);
      return ended;
    },
  };
}

/**
 * The elements of a JSON array: the whole file, or the array that is the member `member` of the outermost object.
 *
 * @throws FileError
 */
export async function* jsonRows(source: Source, options: { readonly member?: string } = {}): AsyncGenerator<unknown> {
  const cutter = elementCutter(options.member);
  let rowNumber = 0;
  for await (const text of textOf(source)) {
    for (const element of cutter.push(text)) yield parse(element, `row ${++rowNumber}`);
  }
  if (!cutter.isDone()) throw new FileError("the JSON breaks off before its last bracket");
}
