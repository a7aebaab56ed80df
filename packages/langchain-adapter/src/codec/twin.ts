/**
 * Tells exact classes apart from subclasses, across copies of a package. A process often holds several copies of
 * LangChain (its ESM and CommonJS builds are different classes, package managers install one copy for each set of
 * peers, bundlers rename what they bundle), so identity alone would refuse honest messages; `instanceof` would accept
 * subclasses, which come back as something else. A twin is a class whose ancestors look the same, level by level.
 */
export interface ClassTable {
  /** The name of the class that a value is exactly an instance of, here or in another copy of its package. */
  nameOf(value: object): string | undefined;
}

const ON_EVERY_CLASS = new Set<PropertyKey>(["length", "name", "prototype"]);
/** What a copy may call its parent class: the CommonJS build `require_base.BaseMessage`, a bundle `BaseMessage2`. */
const PARENT = /^class(?:\s+(?!extends\b)[\w$]+)?(?:\s+extends\s+[\w$.]+)?/;

/** Undefined: not the prototype of a class. */
function lineage(prototype: object): string | undefined {
  const levels: string[] = [];
  for (let level: object | null = prototype; level !== null && level !== Object.prototype; ) {
    const maker: unknown = Object.getOwnPropertyDescriptor(level, "constructor")?.value;
    if (typeof maker !== "function") return undefined;
    levels.push(likeness(maker, level));
    level = Object.getPrototypeOf(level);
  }
  return JSON.stringify(levels);
}

/** The names of what a class adds to its parent; its source text, when it adds nothing that has a name. */
function likeness(maker: { readonly name: string; readonly lc_name?: unknown }, prototype: object): string {
  const own = [
    ...Reflect.ownKeys(prototype).filter((key) => key !== "constructor"),
    ...Reflect.ownKeys(maker).filter((key) => !ON_EVERY_CLASS.has(key)),
  ];
  const source = own.length > 0 ? "" : Function.prototype.toString.call(maker).replace(PARENT, "class");
  const { lc_name: lcName } = maker;
  const name: unknown = Object.hasOwn(maker, "lc_name") && typeof lcName === "function" ? lcName.call(maker) : "";
  return JSON.stringify([name, own.map(String).toSorted(), source]);
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
