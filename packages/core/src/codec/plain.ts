/** Whether a prototype is that of plain objects, in this realm or another (a vm context, say). */
export function isObjectPrototype(prototype: object | null): boolean {
  if (prototype === Object.prototype) return true;
  return (
    prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "propertyIsEnumerable")
  );
}

/** Whether a prototype is that of plain arrays, in this realm or another. */
export function isArrayPrototype(prototype: object | null): boolean {
  if (prototype === Array.prototype) return true;
  // Array.prototype is an array itself, which the prototype of a subclass is not.
  return Array.isArray(prototype) && isObjectPrototype(Object.getPrototypeOf(prototype));
}

/** How a value that cannot be kept is called in an error. */
export function describeValue(value: object): string {
  let name: unknown;
  try {
    name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  } catch {
    name = undefined;
  }
  if (typeof name !== "string" || name === "" || name.length > 80) return "an instance of an unnamed class";
  return `an instance of ${name}, a class that is not registered,`;
}
