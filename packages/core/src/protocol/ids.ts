import { InvalidIdError } from "../errors/index.js";
import { sha256 } from "./hash.js";

/** What a user may give as a task id. */
export const TASK_ID_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** What a reader accepts: also derived ids, `<parent>.<hop>.<n>`. */
export const ANY_TASK_ID_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,126}$/;
/** Relay ids and agent names. */
export const NAME_PATTERN: RegExp = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The largest hop that a slot's key has room for. */
export const MAX_HOP = 9_999_999_999;

function check(what: string, value: unknown, pattern: RegExp): string {
  // The value itself stays out of the message: it may be hostile, or long.
  if (typeof value !== "string" || !pattern.test(value)) throw new InvalidIdError(what, String(pattern));
  return value;
}

/** @throws InvalidIdError */
export function parseTaskId(value: unknown): string {
  return check("a task id", value, TASK_ID_PATTERN);
}

/** @throws InvalidIdError */
export function parseAnyTaskId(value: unknown): string {
  return check("a task id", value, ANY_TASK_ID_PATTERN);
}

/** @throws InvalidIdError */
export function parseRelayId(value: unknown): string {
  return check("a relay id", value, NAME_PATTERN);
}

/**
 * The id of a task that another task begets (a branch, a fork, a call): `<parent>.<hop>.<n>`, or `x.<hash>` where that
 * is too long.
 * @throws InvalidIdError
 */
export function derivedTaskId(parent: string, hop: number, index: number): string {
  const id = `${parseAnyTaskId(parent)}.${hop}.${index}`;
  return ANY_TASK_ID_PATTERN.test(id) ? id : `x.${sha256(id)}`;
}
