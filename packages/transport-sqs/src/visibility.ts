import { InvalidOptionsError } from "@agenthandoff/core";
import { MAX_VISIBILITY_MS } from "./limits.js";

/** SQS counts from when it took the message, which is a little before its answer is here. */
const MARGIN_MS = 5_000;

/**
 * A visibility or delay as SQS counts it: whole seconds, never less than was asked for. A receipt that has kept its
 * message for `heldMs` already can keep it for the rest of the 12 hours only: `0` where nothing is left.
 * @throws InvalidOptionsError for what is no number
 */
export function visibilitySeconds(ms: number, heldMs = 0): number {
  if (Number.isNaN(ms)) throw new InvalidOptionsError("a visibility or delay is not a number; give it in milliseconds");
  const asked = Math.ceil(Math.max(ms, 0) / 1_000);
  const left = Math.floor((MAX_VISIBILITY_MS - (heldMs > 0 ? heldMs + MARGIN_MS : 0)) / 1_000);
  return Math.max(0, Math.min(asked, left));
}
