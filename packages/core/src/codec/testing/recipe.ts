/** How to make a value: a tree, so that fast-check can shrink it, though the value may be shared and cyclic. */
export type Recipe =
  | { readonly kind: "primitive"; readonly value: unknown }
  | { readonly kind: "fresh"; readonly make: () => object }
  | { readonly kind: "again"; readonly which: number }
  | { readonly kind: "object"; readonly prototype: boolean; readonly entries: readonly Entry[] }
  | { readonly kind: "array"; readonly items: readonly Recipe[] }
  | {
      readonly kind: "sparse";
      readonly length: number;
      readonly entries: readonly (readonly [number, Recipe])[];
      readonly extras: readonly Entry[];
    }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Recipe, Recipe])[] }
  | { readonly kind: "set"; readonly items: readonly Recipe[] }
  | {
      readonly kind: "error";
      readonly make: () => Error;
      readonly cause: Recipe | undefined;
      readonly entries: readonly Entry[];
    }
  | { readonly kind: "exception"; readonly make: () => DOMException; readonly cause: Recipe }
  | { readonly kind: "box"; readonly content: Recipe };

type Entry = readonly [string, Recipe];

/** A class that the tests register; see `boxCodec`. */
export class Box {
  readonly content: unknown;

  constructor(content: unknown) {
    this.content = content;
  }
}

interface Built {
  readonly value: object;
  open: boolean;
  readonly sealed: number;
}

/** Every object that can be reached from one, itself included. */
export function reachable(from: object): Set<unknown> {
  const reached = new Set<unknown>([from]);
  for (const value of reached) {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) continue;
    if (value instanceof Map) for (const part of [...value].flat(1)) reached.add(part);
    if (value instanceof Set) for (const part of value) reached.add(part);
    for (const key of Reflect.ownKeys(value)) reached.add((value as Record<PropertyKey, unknown>)[key]);
  }
  return reached;
}

/** Makes the value of a recipe. "again" is an object that stands earlier, where the codec promises to keep that. */
export function build(recipe: Recipe): unknown {
  const all: Built[] = [];
  let sealed = 0;

  function open<T extends object>(value: T, fill: (value: T) => void): T {
    const built: Built = { value, open: true, sealed };
    all.push(built);
    fill(value);
    built.open = false;
    return value;
  }

  /** For values that are made when their parts are there, and through which no cycle may lead. */
  function seal<T extends object>(make: () => T): T {
    sealed++;
    const value = make();
    sealed--;
    all.push({ value, open: false, sealed });
    return value;
  }

  function again(which: number): unknown {
    const chosen = all[which % all.length]?.value;
    if (chosen === undefined) return null;
    // Where a value is being made that needs its parts first, none of them may lead out of it again.
    const reached = reachable(chosen);
    const leadsOut = all.some((built) => built.open && built.sealed < sealed && reached.has(built.value));
    return leadsOut ? null : chosen;
  }

  function setAll(owner: object, entries: readonly Entry[], enumerable = true): void {
    for (const [key, part] of entries) {
      if (Object.hasOwn(owner, key)) continue;
      Object.defineProperty(owner, key, { value: make(part), writable: true, enumerable, configurable: true });
    }
  }

  function make(from: Recipe): unknown {
    switch (from.kind) {
      case "primitive":
        return from.value;
      case "fresh":
        return open(from.make(), () => {});
      case "again":
        return again(from.which);
      case "object":
        return open(from.prototype ? {} : Object.create(null), (object) => setAll(object, from.entries));
      case "array":
        return open([] as unknown[], (array) => {
          for (const item of from.items) array.push(make(item));
        });
      case "sparse":
        return open(new Array<unknown>(from.length), (array) => {
          for (const [index, item] of from.entries) if (index < from.length) array[index] = make(item);
          setAll(array, from.extras);
        });
      case "map":
        return open(new Map(), (map) => {
          for (const [key, item] of from.entries) map.set(make(key), make(item));
        });
      case "set":
        return open(new Set(), (set) => {
          for (const item of from.items) set.add(make(item));
        });
      case "error":
        return open(from.make(), (error) => {
          if (from.cause !== undefined) setAll(error, [["cause", from.cause]], false);
          setAll(error, from.entries);
        });
      case "exception":
        return seal(() => {
          const exception = from.make();
          setAll(exception, [["cause", from.cause]], false);
          return exception;
        });
      case "box":
        return seal(() => new Box(make(from.content)));
    }
  }

  return make(recipe);
}
