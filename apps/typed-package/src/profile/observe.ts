import type { Cell } from "../formats/table.js";
import type { NumberObservation, Observation } from "./observation.js";
import { type TextObserver, textObserver } from "./observe-text.js";

/** Objects with more different members than this are dictionaries, not records. */
const MAX_FIELDS = 60;
const MAX_DEPTH = 6;

export interface Observer {
  /** One cell; `undefined` where the row lacks the column. */
  add(cell: Cell | undefined): void;
  result(): Observation;
}

/** Watches one column, nested values included. */
export function observer(depth = 0): Observer {
  let rows = 0;
  let absent = 0;
  let nulls = 0;
  let booleans = 0;
  let texts: TextObserver | undefined;
  let numbers: NumberObservation | undefined;
  let lists: { count: number; maxLength: number; items: Observer } | undefined;
  let objects: { count: number; fields: TableObserver | undefined } | undefined;

  const addNumber = (value: number): void => {
    numbers = {
      count: (numbers?.count ?? 0) + 1,
      integers: (numbers?.integers ?? 0) + (Number.isInteger(value) ? 1 : 0),
      min: Math.min(numbers?.min ?? value, value),
      max: Math.max(numbers?.max ?? value, value),
    };
  };

  const addList = (items: readonly Cell[]): void => {
    lists ??= { count: 0, maxLength: 0, items: observer(depth + 1) };
    lists.count++;
    lists.maxLength = Math.max(lists.maxLength, items.length);
    for (const item of items) lists.items.add(item);
  };

  const addObject = (object: Readonly<Record<string, Cell>>): void => {
    objects ??= { count: 0, fields: depth < MAX_DEPTH ? tableObserver(depth + 1) : undefined };
    objects.count++;
    objects.fields?.add(object);
    // `__proto__` cannot be a member of a schema's shape.
    if (objects.fields && (objects.fields.size() > MAX_FIELDS || Object.hasOwn(object, "__proto__")))
      objects.fields = undefined;
  };

  return {
    add(cell) {
      rows++;
      if (cell === undefined) absent++;
      else if (cell === null) nulls++;
      else if (typeof cell === "string") {
        texts ??= textObserver();
        texts.add(cell);
      } else if (typeof cell === "number") addNumber(cell);
      else if (typeof cell === "boolean") booleans++;
      else if (Array.isArray(cell)) addList(cell);
      else addObject(cell as Readonly<Record<string, Cell>>);
    },
    result() {
      const text = texts?.result();
      const fields = objects?.fields?.result();
      return {
        rows,
        absent,
        nulls,
        ...(text && { text }),
        ...(numbers && { number: numbers }),
        ...(booleans > 0 && { boolean: { count: booleans } }),
        ...(lists && { list: { count: lists.count, maxLength: lists.maxLength, items: lists.items.result() } }),
        ...(objects && { object: { count: objects.count, ...(fields && { fields: Object.fromEntries(fields) }) } }),
      };
    },
  };
}

export interface TableObserver {
  add(cells: Readonly<Record<string, Cell>>): void;
  size(): number;
  /** By column, in the order of their first appearance. */
  result(): Map<string, Observation>;
}

/** Watches every column of a table, also columns that appear late. */
export function tableObserver(depth = 0, columns: readonly string[] = []): TableObserver {
  let rows = 0;
  const observers = new Map<string, { observer: Observer; lastRow: number }>();
  const watch = (column: string, earlier: number) => {
    const fresh = { observer: observer(depth), lastRow: rows };
    for (let row = 0; row < earlier; row++) fresh.observer.add(undefined);
    observers.set(column, fresh);
    return fresh;
  };
  for (const column of columns) watch(column, 0);

  return {
    add(cells) {
      rows++;
      for (const [column, cell] of Object.entries(cells)) {
        const seen = observers.get(column) ?? watch(column, rows - 1);
        seen.observer.add(cell);
        seen.lastRow = rows;
      }
      for (const seen of observers.values()) if (seen.lastRow !== rows) seen.observer.add(undefined);
    },
    size: () => observers.size,
    result: () => new Map([...observers].map(([column, seen]) => [column, seen.observer.result()])),
  };
}
