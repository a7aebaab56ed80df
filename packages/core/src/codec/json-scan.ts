import { ContextIntegrityError, ContextTooDeepError } from "../errors/index.js";
import { isExactNumber } from "./json-number.js";

const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const LETTER_E = 101;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
/** Turns an upper-case letter into the lower-case one. */
const LOWER_CASE = 32;

/** Numbers of this length have at most 15 digits, and 15 decimal digits always survive a float64. */
const ALWAYS_EXACT = 15;

/**
 * Goes over a text that is already known to be JSON, checks its numbers and its depth, and counts the names in its
 * objects. Looks at what stands between strings, not into them.
 */
export function scanJson(text: string, maxDepth: number): { readonly names: number } {
  let names = 0;
  let depth = 0;
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) {
      index = endOfString(text, index);
      continue;
    }
    if (unit === MINUS || (unit >= ZERO && unit <= NINE)) {
      index = endOfNumber(text, index);
      continue;
    }
    if (unit === COLON) names++;
    else if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) {
      if (++depth > maxDepth) throw new ContextTooDeepError({ limit: maxDepth });
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) depth--;
    index++;
  }
  return { names };
}

/** The index after the closing quote. */
function endOfString(text: string, start: number): number {
  const quote = text.indexOf('"', start + 1);
  if (text.charCodeAt(quote - 1) !== BACKSLASH) return quote + 1;
  // Where one quote is escaped many may be, and walking is faster than searching for each.
  let index = start + 1;
  for (let unit = text.charCodeAt(index); unit !== QUOTE; unit = text.charCodeAt(index)) {
    index += unit === BACKSLASH ? 2 : 1;
  }
  return index + 1;
}

/** The index after a number. Throws where a float64 does not hold it. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  let hasExponent = false;
  for (;;) {
    const unit = text.charCodeAt(end);
    if ((unit | LOWER_CASE) === LETTER_E) hasExponent = true;
    else if (!((unit >= ZERO && unit <= NINE) || unit === POINT || unit === MINUS || unit === PLUS)) break;
    end++;
  }
  if ((hasExponent || end - start > ALWAYS_EXACT) && !isExactNumber(text.slice(start, end))) {
    throw new ContextIntegrityError(
      `a JSON text holds a number that a float64 does not, at character ${start}; write such numbers as tagged bigints or strings`,
    );
  }
  return end;
}
