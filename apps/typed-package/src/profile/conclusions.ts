import type { NumberStyle } from "./number-styles.js";
import { PLAIN, sameStyle } from "./number-styles.js";
import type { TextObservation } from "./observation.js";
import { BOOLEAN_WORDS } from "./observe-text.js";

/** How the numbers of a column are written, where all its texts are numbers and there is one way to read them. */
export function onlyNumberStyle(text: TextObservation): NumberStyle | undefined {
  const { numbers } = text;
  if (!numbers || numbers.leadingZeros || numbers.styles.length === 0) return undefined;
  const plain = numbers.styles.some((style) => sameStyle(style, PLAIN));
  // Digits that a number would lose can be kept by a bigint, and by nothing else.
  if (numbers.inexact && !(numbers.integers && plain)) return undefined;
  if (plain) return PLAIN;
  // `1,234` is a thousand and more in one country and little over one in another.
  const readings = new Set(numbers.styles.map(({ decimal }) => decimal));
  return readings.size === 1 ? numbers.styles[0] : undefined;
}

/** How the dates of a column are written, where there is one way to read them. */
export function onlyDatePattern(text: TextObservation): string | undefined {
  const patterns = text.dates ?? [];
  const dayFirst = patterns.some((pattern) => /^D[^D]/.test(pattern) && /M/.test(pattern) && !/MMM/.test(pattern));
  const monthFirst = patterns.some((pattern) => /^M[^M]/.test(pattern));
  return dayFirst && monthFirst ? undefined : patterns[0];
}

/** The words for yes and no, where a column holds such words alone. */
export function onlyBooleanWords(text: TextObservation): { yes: string[]; no: string[] } | undefined {
  const placeholders = new Set(Object.keys(text.placeholders));
  const words = text.distinct?.map(([word]) => word).filter((word) => !placeholders.has(word)) ?? [];
  if (words.length === 0) return undefined;
  for (const [yes, no] of BOOLEAN_WORDS) {
    const spelt = (wanted: string) =>
      words.filter((word) => word.trim().toLowerCase() === wanted).map((word) => word.trim());
    const found = { yes: [...new Set(spelt(yes))], no: [...new Set(spelt(no))] };
    if (!words.every((word) => [yes, no].includes(word.trim().toLowerCase()))) continue;
    // `y` alone may be anything; `true` alone is what it says, and its opposite is spelt the same way.
    if (found.yes.length > 0 && found.no.length > 0) return found;
    if (yes !== "true") return undefined;
    const like = (model: string, word: string) =>
      model === model.toUpperCase()
        ? word.toUpperCase()
        : /^[A-Z]/.test(model)
          ? word[0]?.toUpperCase() + word.slice(1)
          : word;
    const model = found.yes[0] ?? found.no[0] ?? "";
    return {
      yes: found.yes.length > 0 ? found.yes : [like(model, yes)],
      no: found.no.length > 0 ? found.no : [like(model, no)],
    };
  }
  return undefined;
}
