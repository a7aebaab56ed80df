import { constants } from "node:buffer";
import { ContextTooLargeError } from "../errors/index.js";
import type { Json } from "./json.js";
import { writeJson } from "./json-write.js";

/**
 * The JSON text of a value, exactly as `JSON.stringify` writes it, at any depth.
 * Throws `ContextTooLargeError` where the text is longer than a string can be.
 */
export function stringifyJson(json: Json): string {
  try {
    return JSON.stringify(json);
  } catch (error) {
    // The native one recurses, and runs out of stack at a few thousand levels.
    if (!(error instanceof RangeError)) throw error;
  }
  try {
    return writeJson(json, { number: JSON.stringify, string: JSON.stringify });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ContextTooLargeError({ what: "a JSON text", limit: constants.MAX_STRING_LENGTH });
  }
}
