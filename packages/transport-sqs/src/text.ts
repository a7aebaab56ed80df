import { MAX_REASON_CHARACTERS } from "./limits.js";

/** All that SQS refuses in a body or an attribute: characters that XML 1.0 has no place for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const REFUSED = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/gu;

/** The same JSON, if it is JSON, in characters that SQS takes. */
export function acceptable(text: string): string {
  return text.replace(REFUSED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A reason as it is kept; `undefined` where nothing is left, since SQS takes no empty attribute. */
export function keptReason(reason: string): string | undefined {
  // Cutting may leave half a character at the end.
  const cut = reason.slice(0, MAX_REASON_CHARACTERS).replace(/[\uD800-\uDBFF]$/, "");
  return cut === "" ? undefined : acceptable(cut);
}
