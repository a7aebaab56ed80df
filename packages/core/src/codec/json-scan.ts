import { ContextIntegrityError, ContextTooDeepError } from "../errors/index.js";
import { isExactNumber } from "./json-number.js";

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Texts of this length have at most 15 digits, and 15 decimal digits always survive a float64. */
const ALWAYS_EXACT = 15;

/**
 * Checks a text that is already known to be JSON for what a parser lets pass: a name that occurs twice in an object,
 * a number that a float64 does not hold, too much depth. Looks at what stands between strings, not into them.
 */
export function scanJson(text: string, maxDepth: number): void {
  /** For each open array or object: the names seen, or undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let nameIsNext = false;
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) {
      const end = endOfString(text, index);
      if (nameIsNext && names !== undefined) {
        const name = readName(text, index, end);
        if (names.has(name)) throw damaged("a name occurs twice in an object", index);
        names.add(name);
      }
      index = end;
    } else if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) {
      if (open.length === maxDepth) throw new ContextTooDeepError({ limit: maxDepth });
      names = unit === OPEN_OBJECT ? new Set() : undefined;
      open.push(names);
      nameIsNext = true;
      index++;
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) {
      open.pop();
      names = open.at(-1);
      index++;
    } else if (unit === COMMA || unit === COLON) {
      nameIsNext = unit === COMMA;
      index++;
    } else if (unit === MINUS || (unit >= ZERO && unit <= NINE)) {
      const end = endOfNumber(text, index);
      checkNumber(text, index, end);
      index = end;
    } else index++;
  }
}

/** The index after the closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before a character. */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (text.charCodeAt(start - 1) === BACKSLASH) start--;
  return (index - start) % 2 === 1;
}

function readName(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  // Two spellings of one name are the same name.
  return raw.includes("\\") ? (JSON.parse(text.slice(start, end)) as string) : raw;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  for (;;) {
    const unit = text.charCodeAt(end);
    // Digits, and + - . e E: everything else ends a number.
    const continues =
      (unit >= ZERO && unit <= NINE) || unit === 43 || unit === MINUS || unit === 46 || (unit | 32) === 101;
    if (!continues) return end;
    end++;
  }
}

function checkNumber(text: string, start: number, end: number): void {
  const number = text.slice(start, end);
  if (end - start <= ALWAYS_EXACT && !/[eE]/.test(number)) return;
  if (!isExactNumber(number)) throw damaged("a number is more precise than a float64, or out of its range", start);
}

function damaged(what: string, index: number): ContextIntegrityError {
  return new ContextIntegrityError(`a JSON text breaks the protocol: ${what}, at character ${index}`);
}
