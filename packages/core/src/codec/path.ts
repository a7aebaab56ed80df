const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const MAX_KEY_LENGTH = 80;
const MAX_SEGMENTS = 64;

/** One step of a JSON path: `.name`, `["a b"]` or `[3]`. */
export function segment(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  if (IDENTIFIER.test(key) && key.length <= MAX_KEY_LENGTH) return `.${key}`;
  return `[${quote(key)}]`;
}

/** A key as it stands in a path: quoted, and cut where it is very long. */
export function quote(key: string): string {
  return JSON.stringify(key.length <= MAX_KEY_LENGTH ? key : `${key.slice(0, MAX_KEY_LENGTH)}…`);
}

/** Joins the steps from the root. The middle of a very long path is left out, so that messages stay short. */
export function joinPath(segments: readonly string[]): string {
  if (segments.length <= MAX_SEGMENTS) return `$${segments.join("")}`;
  const head = segments.slice(0, MAX_SEGMENTS / 2).join("");
  const tail = segments.slice(-MAX_SEGMENTS / 2).join("");
  return `$${head} … ${segments.length - MAX_SEGMENTS} more … ${tail}`;
}
