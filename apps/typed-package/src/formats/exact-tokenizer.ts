import Tokenizer, { type TokenizerOptions } from "@streamparser/json/tokenizer.js";
import { InexactNumberError } from "./input-errors.js";

/**
 * Whether a JSON number comes back from a JavaScript number with all its integer digits. Fractions are rounded to the
 * nearest double, as every JSON reader does. Digits that JavaScript itself would print come back as they are.
 */
export function isExact(number: string): boolean {
  const value = Number(number);
  if (!Number.isFinite(value)) return false;
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(number)) return true;
  return String(value) === number || BigInt(number) === BigInt(value);
}

/** A JSON tokenizer that refuses what it could not keep. */
export class ExactTokenizer extends Tokenizer {
  private readonly file: string;

  constructor(file: string, options?: TokenizerOptions) {
    super(options);
    this.file = file;
  }

  protected override parseNumber(number: string): number {
    if (!isExact(number)) throw new InexactNumberError(this.file, number);
    return Number(number);
  }
}
