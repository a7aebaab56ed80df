import { InvalidOptionsError } from "../errors/index.js";
import type { ErrorSummary } from "../protocol/index.js";
import type { NewEntry } from "./agent/entries.js";
import { shorten } from "./shorten.js";

/** Everything that comes into a context: what agents learn, and what comes from outside. */
export type Learned =
  | NewEntry
  | { readonly kind: "input" | "answer" | "question" | "metadata"; readonly value: unknown };

/**
 * Returns what may be kept of something that is about to be kept, of the same kind; `undefined` leaves it out.
 * Runs before anything is hashed or stored.
 */
export type Redact = (learned: Learned, about: RedactionSubject) => Learned | undefined;

export interface RedactionSubject {
  readonly taskId: string;
  readonly hop: number;
  /** Null for what comes from outside. */
  readonly agent: string | null;
}

/**
 * What the relay's hook lets through.
 * @throws InvalidOptionsError when the hook returns something else than it may; and whatever the hook throws
 */
export function redactEach<Each extends Learned>(
  { redact }: { readonly redact: Redact | undefined },
  about: RedactionSubject,
  all: readonly Each[],
): readonly Each[] {
  if (redact === undefined) return all;
  return all.flatMap((each) => {
    const kept = redact(each, about);
    if (kept === undefined) return [];
    // Also what JavaScript may return: a promise, a bare value.
    if (kept === null || typeof kept !== "object" || kept.kind !== each.kind)
      throw new InvalidOptionsError(`the redact hook must return the ${each.kind} that may be kept, or undefined`);
    return [kept as Each];
  });
}

/** The same for one value that is no entry. */
export function redactValue(
  environment: { readonly redact: Redact | undefined },
  about: RedactionSubject,
  kind: "question" | "metadata",
  value: unknown,
): unknown {
  return value === undefined ? undefined : redactEach(environment, about, [{ kind, value }])[0]?.value;
}

const MAX_MESSAGE_CHARACTERS = 2_000;

// Errors of HTTP clients like to quote the request that failed. These are the places where credentials stand in one.
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(authorization|proxy-authorization|x-api-key|api-key|apikey|api_key|cookie|set-cookie|x-amz-security-token)(["']?\s*[:=]\s*["']?)[^\r\n"',}]{1,4096}/gi,
    "$1$2[redacted]",
  ],
  [/\b(bearer|basic)\s+[A-Za-z0-9+/_=.~-]{8,4096}/gi, "$1 [redacted]"],
  [/\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,256}/g, "[redacted]"],
  [/\bAKIA[A-Z0-9]{16}\b/g, "[redacted]"],
  [/(:\/\/[^/\s:@]{1,256}:)[^/\s@]{1,256}@/g, "$1[redacted]@"],
];

/** A text without the credentials that stand in well-known places, and of bounded length. */
export function redactText(text: string): string {
  let result = text.length > 4 * MAX_MESSAGE_CHARACTERS ? text.slice(0, 4 * MAX_MESSAGE_CHARACTERS) : text;
  for (const [pattern, replacement] of SECRETS) result = result.replace(pattern, replacement);
  return shorten(result, MAX_MESSAGE_CHARACTERS);
}

/** An error as the record may keep it; never throws, whatever was thrown. */
export function summarizeError(error: unknown): ErrorSummary {
  try {
    return summarize(error);
  } catch {
    return { name: "Error", message: "what was thrown cannot be read" };
  }
}

function summarize(error: unknown): ErrorSummary {
  if (typeof error !== "object" || error === null) return { name: "Error", message: redactText(String(error)) };
  const { name, message, code } = error as { name?: unknown; message?: unknown; code?: unknown };
  return {
    name: typeof name === "string" ? shorten(redactText(name), 128) : "Error",
    message: redactText(typeof message === "string" ? message : "an object was thrown that is no error"),
    ...(typeof code === "string" || typeof code === "number" ? { code: shorten(redactText(String(code)), 128) } : {}),
  };
}
