const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_PRECISION = 100;

// What a float64 needs at most, written out without an exponent; also keeps the patterns below from long texts.
const MAX_LENGTH = 1100;

/**
 * Whether a JSON number says what the float64 it becomes can say: the float64, rounded to as many digits as the text
 * has, is the text. The digits compared are 100 at most, and a text beyond 1,100 characters never is. `0.1` and `1e23` are; `12345678901234567890`, `1e400` and `1e-400` are not.
 */
export function isExactNumber(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  const number = Number(text);
  if (String(number) === text) return true;
  const written = digitsOf(text);
  if (!Number.isFinite(number)) return false;
  if (written.digits === "") return number === 0;
  const precision = Math.min(written.digits.length, MAX_PRECISION);
  if (isSame(digitsOf(number.toPrecision(precision)), written)) return true;
  // Halfway between two texts of this length toPrecision rounds up; other writers round to the even digit.
  return isSame(digitsOf(number.toPrecision(MAX_PRECISION)), { ...written, digits: `${written.digits}5` });
}

interface Digits {
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** The number is 0.digits × 10^exponent. */
  readonly exponent: bigint;
}

/** The text must be a JSON number. */
function digitsOf(text: string): Digits {
  const [, whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  const all = whole + fraction;
  const significant = all.replace(/^0+/, "");
  const zeros = all.length - significant.length;
  return {
    digits: significant.replace(/(?<!0)0+$/, ""),
    // A bigint, since an exponent of many digits is no number.
    exponent: BigInt(whole.length - zeros) + BigInt(exponent.replace("+", "")),
  };
}

const isSame = (left: Digits, right: Digits): boolean =>
  left.digits === right.digits && left.exponent === right.exponent;
