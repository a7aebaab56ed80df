import { ContextTooLargeError } from "../errors/index.js";
import type { Json } from "./json.js";
import { stringifyJson } from "./json-stringify.js";

/**
 * Bounds the JSON text of a value while it is encoded, without writing it: the text has at least one byte for each
 * character and number counted, and at most six for a character (`\u0000`) and 25 for a number.
 */
export interface SizeBound {
  addText(length: number): void;
  addNumber(): void;
  /** Counts exactly, where the estimate leaves it open whether the text fits. */
  finish(json: Json): void;
}

export function boundSize(maxBytes: number): SizeBound {
  let characters = 0;
  let numbers = 0;
  const check = (): void => {
    if (characters + numbers > maxBytes) throw tooLarge(maxBytes);
  };
  return {
    addText(length) {
      characters += length;
      check();
    },
    addNumber() {
      numbers++;
      check();
    },
    finish(json) {
      if (6 * characters + 25 * numbers <= maxBytes) return;
      const size = Buffer.byteLength(stringifyJson(json));
      if (size > maxBytes) throw tooLarge(maxBytes, size);
    },
  };
}

export function tooLarge(limit: number, size?: number): ContextTooLargeError {
  return new ContextTooLargeError({ what: "the JSON text of a value", limit, ...(size !== undefined && { size }) });
}
