/** Deeper parts of a value are named, not shown: nobody reads them, and a text has no room for them. */
const MAX_DEPTH = 64;
/** Values that share parts can be exponentially longer in print than in memory. */
const MAX_PARTS = 100_000;

/** A value for people and models: JSON where that is exact, a readable stand-in in parentheses for what JSON lacks. */
export function readableJson(value: unknown): string {
  const open = new Set<unknown>();
  let parts = 0;

  /** What `JSON.stringify` prints as is meant. */
  function show(each: unknown, depth: number): unknown {
    if (typeof each === "bigint") return `${each}n`;
    if (each === undefined) return "(undefined)";
    if (typeof each === "number") return Number.isFinite(each) ? (Object.is(each, -0) ? "-0" : each) : String(each);
    if (typeof each !== "object" || each === null) return each;
    if (ArrayBuffer.isView(each) || each instanceof ArrayBuffer) return `(${each.byteLength} bytes)`;
    if (each instanceof Date) return Number.isNaN(each.getTime()) ? "(an invalid date)" : each.toISOString();
    if (each instanceof RegExp || each instanceof URL) return String(each);
    if (open.has(each)) return "(a cycle)";
    if (depth === MAX_DEPTH) return "(nested deeper)";
    if (++parts > MAX_PARTS) return "(more)";
    open.add(each);
    const shown = showParts(each, (part) => show(part, depth + 1));
    open.delete(each);
    return shown;
  }

  return JSON.stringify(show(value, 0), undefined, 2);
}

function showParts(each: object, show: (part: unknown) => unknown): unknown {
  if (Array.isArray(each)) return Array.from(each, show);
  if (each instanceof Map) return Array.from(each, ([key, value]) => [show(key), show(value)]);
  if (each instanceof Set) return Array.from(each, show);
  const properties = Object.entries(each).map(([name, value]) => [name, show(value)]);
  if (!(each instanceof Error)) return Object.fromEntries(properties);
  const cause = each.cause === undefined ? [] : [["cause", show(each.cause)]];
  return { name: each.name, message: each.message, ...Object.fromEntries([...cause, ...properties]) };
}
