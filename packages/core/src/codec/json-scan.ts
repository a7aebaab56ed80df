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
const NEAR = 32;
/** Turns an upper-case letter into the lower-case one. */
const LOWER_CASE = 32;

/** Numbers of this length have at most 15 digits, and 15 decimal digits always survive a float64. */
const ALWAYS_EXACT = 15;

/**
 * Goes over a text, checks its numbers and its depth, and counts the names in its objects. Looks at what stands between
 * strings, not into them. Where the text is not JSON the count means nothing, but the depth is bounded all the same: so
 * a parser can be given the text without fear for its memory.
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
  let index = start + 1;
  for (;;) {
    const quote = text.indexOf('"', index);
    if (quote === -1) return text.length;
    if (!isEscaped(text, index, quote)) return quote + 1;
    // Escaped quotes often stand close together, and walking to a near one is faster than searching for it.
    index = quote + 1;
    for (let near = index + NEAR; index < near && index < text.length; ) {
      const unit = text.charCodeAt(index);
      if (unit === QUOTE) return index + 1;
      index += unit === BACKSLASH ? 2 : 1;
      if (unit === BACKSLASH) near = index + NEAR;
    }
  }
}

/** Whether an odd number of backslashes, all of them after `from`, stands before a character. */
function isEscaped(text: string, from: number, index: number): boolean {
  let start = index;
  while (start > from && text.charCodeAt(start - 1) === BACKSLASH) start--;
  return (index - start) % 2 === 1;
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
