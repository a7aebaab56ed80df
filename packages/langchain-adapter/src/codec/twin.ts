/**
 * Tells exact classes apart from subclasses, across copies of a package. A process often holds several copies of
 * LangChain (its ESM and CommonJS builds are different classes, and package managers install one copy for each set
 * of peers), so identity alone would refuse honest messages; `instanceof` would accept subclasses, which come back
 * as something else. A twin is a class whose whole line of ancestors has the same source text.
 */
export interface ClassTable {
  /** The name of the class that a value is exactly an instance of, here or in another copy of its package. */
  nameOf(value: object): string | undefined;
}

// The CommonJS build reaches its imports through variables of this form.
const COMMONJS_PREFIX = /\brequire_[\w$]+\./g;

function lineage(prototype: object): string | undefined {
  const sources: string[] = [];
  for (let level: object | null = prototype; level !== null && level !== Object.prototype; ) {
    const maker: unknown = Object.getOwnPropertyDescriptor(level, "constructor")?.value;
    if (typeof maker !== "function") return undefined;
    sources.push(Function.prototype.toString.call(maker).replace(COMMONJS_PREFIX, ""));
    level = Object.getPrototypeOf(level);
  }
  return sources.join("\n\0\n");
}

export function createClassTable(prototypes: ReadonlyMap<string, object>): ClassTable {
  const byPrototype = new WeakMap<object, string | null>();
  for (const [name, prototype] of prototypes) byPrototype.set(prototype, name);
  let byLineage: ReadonlyMap<string | undefined, string> | undefined;
  return {
    nameOf(value) {
      const prototype: object | null = Object.getPrototypeOf(value);
      if (prototype === null) return undefined;
      let name = byPrototype.get(prototype);
      if (name === undefined) {
        byLineage ??= new Map([...prototypes].map(([each, ours]) => [lineage(ours), each]));
        const line = lineage(prototype);
        name = (line === undefined ? undefined : byLineage.get(line)) ?? null;
        byPrototype.set(prototype, name);
      }
      return name ?? undefined;
    },
  };
}
