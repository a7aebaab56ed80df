/** Deeper parts of a value are named, not shown: nobody reads them, and a text has no room for them. */
const MAX_DEPTH = 64;
/**
 * What a text has room for. Values that share parts, and arrays with holes, can be exponentially longer in print than
 * in memory.
 */
const MAX_CHARACTERS: number = 4 * 1024 * 1024;
const MORE = "(more)";

/** A value for people and models: JSON where that is exact, a readable stand-in in parentheses for what JSON lacks. */
export function readableJson(value: unknown): string {
  const open = new Set<unknown>();
  let room = MAX_CHARACTERS;

  /** What `JSON.stringify` prints as is meant. */
  function show(each: unknown, depth: number): unknown {
    if (open.has(each)) return "(a cycle)";
    const shown = showWhole(each);
    if (shown !== undefined) return takeRoom(shown, depth);
    if (depth === MAX_DEPTH) return takeRoom("(nested deeper)", depth);
    open.add(each);
    const parts = showParts(each as object, depth);
    open.delete(each);
    return parts;
  }

  function takeRoom(shown: unknown, depth: number): unknown {
    const before = room;
    // Indentation, a comma and a line feed.
    room -= 2 * depth + 2 + (typeof shown === "string" ? shown.length : 1);
    return room < 0 && typeof shown === "string" ? `${shown.slice(0, Math.max(0, before))}… ${MORE}` : shown;
  }

  /** As many items as there is room for. Never asks for more: an array may have four thousand million holes. */
  function showEach<Item>(items: Iterable<Item>, depth: number, showItem: (item: Item) => unknown): unknown[] {
    takeRoom("", depth);
    const shown: unknown[] = [];
    for (const item of items) {
      if (room < 0) {
        shown.push(MORE);
        break;
      }
      shown.push(showItem(item));
    }
    return shown;
  }

  function showParts(each: object, depth: number): unknown {
    const part = (item: unknown): unknown => show(item, depth + 1);
    if (each instanceof Map)
      return showEach(each, depth, ([key, item]) => [show(key, depth + 2), show(item, depth + 2)]);
    if (Array.isArray(each) || each instanceof Set) return showEach(each as Iterable<unknown>, depth, part);
    const { cause, name, message } = each as Partial<Error>;
    const head: [string, unknown][] =
      each instanceof Error
        ? [
            ["name", name],
            ["message", message],
            ...(cause === undefined ? [] : [["cause", cause] as [string, unknown]]),
          ]
        : [];
    const properties = showEach([...head, ...Object.entries(each)], depth, ([key, item]) => {
      takeRoom(key, 0);
      return [key, part(item)];
    });
    return Object.fromEntries(
      properties.map((shown) => (shown === MORE ? [MORE, true] : (shown as [string, unknown]))),
    );
  }

  return JSON.stringify(show(value, 0), undefined, 2);
}

/** What is shown of a value in one piece; `undefined` where it has parts. */
function showWhole(each: unknown): unknown {
  if (typeof each === "bigint") return `${each}n`;
  if (each === undefined) return "(undefined)";
  if (typeof each === "number") return Number.isFinite(each) ? (Object.is(each, -0) ? "-0" : each) : String(each);
  if (typeof each !== "object" || each === null) return each;
  if (ArrayBuffer.isView(each) || each instanceof ArrayBuffer) return `(${each.byteLength} bytes)`;
  if (each instanceof Date) return Number.isNaN(each.getTime()) ? "(an invalid date)" : each.toISOString();
  return each instanceof RegExp || each instanceof URL ? String(each) : undefined;
}
