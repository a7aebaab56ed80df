import { isAnyArrayBuffer, isDate, isMap, isNativeError, isRegExp, isSet } from "node:util/types";

type Path = string;

/**
 * The first difference between two values, or undefined where there is none. Tells apart what `deepEqual` does not:
 * −0 and 0, holes and undefined, missing and undefined, prototypes, the order of keys, and which parts are the same
 * object as which others.
 */
export function difference(left: unknown, right: unknown): string | undefined {
  return compare(left, right, "$", { leftToRight: new Map(), rightToLeft: new Map() });
}

interface Identities {
  readonly leftToRight: Map<object, object>;
  readonly rightToLeft: Map<object, object>;
}

function compare(left: unknown, right: unknown, path: Path, identities: Identities): string | undefined {
  if (!isObject(left) || !isObject(right)) {
    return Object.is(left, right) ? undefined : `${path}: ${show(left)} became ${show(right)}`;
  }
  const partner = identities.leftToRight.get(left);
  const backPartner = identities.rightToLeft.get(right);
  if (partner !== undefined || backPartner !== undefined) {
    return partner === right && backPartner === left ? undefined : `${path}: is another object than before`;
  }
  identities.leftToRight.set(left, right);
  identities.rightToLeft.set(right, left);
  return (
    comparePrototype(left, right, path) ??
    compareInside(left, right, path, identities) ??
    compareProperties(left, right, path, identities)
  );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const isError = (value: object): value is Error => isNativeError(value) || value instanceof Error;

function comparePrototype(left: object, right: object, path: Path): string | undefined {
  if (isError(left) && isError(right)) {
    const names = [left, right].map((error) => `${builtinOf(error)} ${classOf(error)} ${String(error.name)}`);
    return names[0] === names[1] ? undefined : `${path}: error ${names[0]} became ${names[1]}`;
  }
  const same = Object.getPrototypeOf(left) === Object.getPrototypeOf(right);
  return same ? undefined : `${path}: has another prototype than before`;
}

const classOf = (error: Error): string => (Object.getPrototypeOf(error) as Error).constructor.name;

function builtinOf(error: Error): string {
  const builtins = [
    TypeError,
    RangeError,
    SyntaxError,
    EvalError,
    ReferenceError,
    URIError,
    AggregateError,
    DOMException,
  ];
  return builtins.find((type) => error instanceof type)?.name ?? "Error";
}

/** What is not in properties. */
function compareInside(left: object, right: object, path: Path, identities: Identities): string | undefined {
  if (isDate(left) && isDate(right)) return compare(left.getTime(), right.getTime(), `${path}<time>`, identities);
  if (left instanceof URL && right instanceof URL) return compare(left.href, right.href, `${path}<href>`, identities);
  if (isRegExp(left) && isRegExp(right)) return compare(String(left), String(right), `${path}<regexp>`, identities);
  if (isMap(left) && isMap(right)) {
    return compareLists([...left].flat(1), [...right].flat(1), `${path}<entry>`, identities);
  }
  if (isSet(left) && isSet(right)) return compareLists([...left], [...right], `${path}<item>`, identities);
  if (isError(left) && isError(right)) {
    for (const key of ["message", "code"]) {
      const [a, b] = [left, right].map((error) => (error as unknown as Record<string, unknown>)[key]);
      const found = compare(a, b, `${path}.${key}`, identities);
      if (found !== undefined) return found;
    }
  }
  const bytes = [left, right].map(bytesOf);
  if (bytes[0] === undefined || bytes[1] === undefined) return undefined;
  return bytes[0] === bytes[1] ? undefined : `${path}: bytes ${bytes[0]} became ${bytes[1]}`;
}

function bytesOf(value: object): string | undefined {
  if (isAnyArrayBuffer(value)) return Buffer.from(value as ArrayBuffer).toString("hex");
  if (!ArrayBuffer.isView(value)) return undefined;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
}

function compareLists(left: unknown[], right: unknown[], path: Path, identities: Identities): string | undefined {
  if (left.length !== right.length) return `${path}: ${left.length} became ${right.length} items`;
  for (const [index, item] of left.entries()) {
    const found = compare(item, right[index], `${path}[${index}]`, identities);
    if (found !== undefined) return found;
  }
  return undefined;
}

function compareProperties(left: object, right: object, path: Path, identities: Identities): string | undefined {
  if (ArrayBuffer.isView(left)) return undefined;
  const keys = [left, right].map(keysOf) as [string[], string[]];
  if (keys[0].join("\n") !== keys[1].join("\n")) return `${path}: keys ${keys[0]} became ${keys[1]}`;
  for (const key of Reflect.ownKeys(left)) {
    if (isError(left) && !Object.prototype.propertyIsEnumerable.call(left, key) && typeof key === "symbol") continue;
    const [a, b] = [left, right].map((owner) => (owner as Record<PropertyKey, unknown>)[key]);
    const found = compare(a, b, `${path}[${String(key)}]`, identities);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In their order, with their visibility; for errors, hidden ones in any order and without what a class may inherit. */
function keysOf(owner: object): string[] {
  const keys = Reflect.ownKeys(owner).map((key) => {
    const visible = Object.prototype.propertyIsEnumerable.call(owner, key);
    return { key, visible, label: `${visible ? "" : "hidden "}${JSON.stringify(String(key))}` };
  });
  if (!isError(owner)) return keys.map(({ label }) => label);
  const hidden = keys.filter(({ key, visible }) => !visible && !["name", "message", "code"].includes(String(key)));
  return [
    ...keys.filter(({ visible }) => visible).map(({ label }) => label),
    ...hidden.map(({ label }) => label).sort(),
  ];
}

function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
