/** Text as source code: whatever it holds, it can be nothing but a string there. */
export const literal = (value: unknown): string => JSON.stringify(value).replace(/[\u2028\u2029]/g, escapeUnicode);

const escapeUnicode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A name as the key of an object literal or an interface. */
export const propertyKey = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name));

/** Text for a comment, which it cannot end. */
export const comment = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replaceAll("*/", "*\\/")
    .trim();

/** Text for a cell of a Markdown table. */
export const markdown = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").replace(/[\\`*_[\]<>|]/g, (character) => `\\${character}`);

export const indent = (text: string, by = "  "): string => text.replace(/\n/g, `\n${by}`);
