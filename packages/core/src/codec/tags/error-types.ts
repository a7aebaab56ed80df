/** The closed list of errors that are rebuilt: a subclass comes back as the nearest of them. */
export const ERROR_TYPES: ReadonlyMap<string, ErrorConstructor> = new Map(
  [Error, TypeError, RangeError, SyntaxError, EvalError, ReferenceError, URIError, AggregateError].map((type) => [
    type.name,
    type as ErrorConstructor,
  ]),
);

const byPrototype = new Map([...ERROR_TYPES.values()].map((type) => [type.prototype as object, type.name]));

/** What errors of a built-in type say where they say nothing of their own. */
export function defaultOf(type: string, key: "name" | "message" | "code"): unknown {
  const prototype: { name: string; message: string; code?: unknown } = (ERROR_TYPES.get(type) ?? Error).prototype;
  return prototype[key];
}

/** What an error is, beside its own properties. */
export interface ErrorKind {
  /** A name in `ERROR_TYPES`. */
  readonly type: string;
  /** The name of the subclass, when it is not one of `ERROR_TYPES` itself. */
  readonly className: string | undefined;
}

/** Finds the nearest built-in error on the prototype chain. */
export function kindOfError(error: object): ErrorKind {
  const own: object | null = Object.getPrototypeOf(error);
  for (let prototype = own; prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const type = byPrototype.get(prototype) ?? foreignType(prototype);
    if (type !== undefined) return { type, className: prototype === own ? undefined : classNameOf(own) };
  }
  return { type: "Error", className: classNameOf(own) };
}

/** A built-in error of another realm (a vm context, say) is known by its name, since its identity differs. */
function foreignType(prototype: object): string | undefined {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const name: unknown = Object.getOwnPropertyDescriptor(prototype, "name")?.value;
  if (typeof maker !== "function" || typeof name !== "string" || maker.name !== name) return undefined;
  const isNative = Function.prototype.toString.call(maker).includes("[native code]");
  return isNative && ERROR_TYPES.has(name) ? name : undefined;
}

function classNameOf(prototype: object | null): string | undefined {
  const name: unknown = (prototype as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/**
 * Gives an error its subclass's name without its class: `error.constructor.name` says it, and so does printing,
 * and a further hop keeps it. The stand-in runs no code of the original class.
 */
export function nameClass(error: object, type: ErrorConstructor, className: string): void {
  class StandIn extends type {}
  Object.defineProperty(StandIn, "name", { value: className, configurable: true });
  Object.setPrototypeOf(error, StandIn.prototype);
}
