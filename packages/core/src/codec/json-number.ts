const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_PRECISION = 100;

/**
 * Whether a JSON number says what the float64 it becomes can say: the float64, rounded to as many digits as the text
 * has, is the text. `0.1` and `1e23` are; `12345678901234567890`, `1e400` and `1e-400` are not.
 */
export function isExactNumber(text: string): boolean {
  const number = Number(text);
  if (String(number) === text) return true;
  const written = digitsOf(text);
  if (written === undefined || !Number.isFinite(number)) return false;
  if (written.digits === "") return number === 0;
  const precision = Math.min(written.digits.length, MAX_PRECISION);
  const kept = digitsOf(number.toPrecision(precision));
  return kept !== undefined && kept.digits === written.digits && kept.exponent === written.exponent;
}

interface Digits {
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** The number is 0.digits × 10^exponent. */
  readonly exponent: bigint;
}

function digitsOf(text: string): Digits | undefined {
  const [, whole, fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const all = whole + fraction;
  const significant = all.replace(/^0+/, "");
  const zeros = all.length - significant.length;
  return {
    digits: significant.replace(/0+$/, ""),
    // A bigint, since an exponent of many digits is no number.
    exponent: BigInt(whole.length - zeros) + BigInt(exponent.replace("+", "")),
  };
}
