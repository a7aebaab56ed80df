import type { Observation } from "./observation.js";

const number = new Intl.NumberFormat("en");
const some = (count: number, what: string) => `${number.format(count)} ${what}`;

/** What a reader should look at twice, in words: for a model that reads prose, and for people. */
export function oddities(seen: Observation): string[] {
  const notes: string[] = [];
  const { text } = seen;
  const kinds = (["text", "number", "boolean", "list", "object"] as const).filter((kind) => seen[kind] !== undefined);
  if (kinds.length > 1)
    notes.push(`values of several kinds: ${kinds.map((kind) => some(seen[kind]?.count ?? 0, kind)).join(", ")}`);
  if (kinds.length === 0) notes.push("never a value");
  if (!text) return notes;

  const looks = Object.entries(text.looks).sort(([, a], [, b]) => b - a);
  const most = looks[0]?.[0];
  if (looks.length > 1 && most !== "other")
    notes.push(`looks like ${looks.map(([look, count]) => some(count, look)).join(", ")}`);
  const placeholders = Object.entries(text.placeholders).map(
    ([word, count]) => `${JSON.stringify(word)} × ${number.format(count)}`,
  );
  if (placeholders.length > 0) notes.push(`words that may mean "no value": ${placeholders.join(", ")}`);
  if (text.padded > 0) notes.push(`${some(text.padded, "with white space around them")}`);
  if (text.numbers?.leadingZeros) notes.push("leading zeros, which a number would lose");
  if (text.numbers?.inexact) notes.push("integers too large for a JavaScript number");
  if ((text.numbers?.styles.length ?? 0) > 0 && text.numbers?.styles[0]?.group !== "") {
    notes.push("numbers with marks between thousands or a decimal comma");
  }
  if (
    text.dates?.some((pattern) => pattern.startsWith("M/D")) &&
    text.dates.some((pattern) => pattern.startsWith("D/M"))
  ) {
    notes.push("dates that can be read day first and month first");
  }
  if (text.distinct?.length === 1 && text.count > 1) notes.push("the same text in every row that has one");
  return notes;
}
