import type { Chance, Mutation } from "./mutation.js";

type Path = readonly (string | number)[];

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
  1e300,
  "",
  "a",
  "__proto__",
  "constructor",
  "..",
  "\u0000",
  "\ud800",
  [],
  {},
  [[]],
  [0, 0],
];

/** Changes the tree of a JSON text; what is no JSON stays as it is. */
export const jsonMutation: Mutation = (input, chance) => {
  const text = Buffer.from(input).toString("utf8");
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return input;
  }
  return Buffer.from(JSON.stringify(mutateJson(root, chance)) ?? "null");
};

/** The same for one line of many. */
export const jsonLineMutation: Mutation = (input, chance) => {
  const lines = Buffer.from(input).toString("latin1").split("\n");
  const at = chance.below(lines.length);
  const change = chance.below(8);
  if (change === 0) lines.splice(at, 1);
  else if (change === 1) lines.splice(at, 0, chance.oneOf(lines));
  else lines[at] = Buffer.from(jsonMutation(Buffer.from(lines[at] ?? "", "latin1"), chance)).toString("latin1");
  return Buffer.from(lines.join("\n"), "latin1");
};

/** A JSON value with one place changed: removed, renamed, replaced, repeated, exchanged or wrapped. */
export function mutateJson(root: unknown, chance: Chance): unknown {
  const holder = { root: structuredClone(root) };
  const paths = pathsOf(holder);
  const path = chance.oneOf(paths);
  const parent = at(holder, path.slice(0, -1)) as Record<string, unknown> | unknown[];
  const key = path.at(-1) as string;
  const value = (parent as Record<string, unknown>)[key];
  const set = (next: unknown): void => {
    Object.defineProperty(parent, key, { value: next, writable: true, enumerable: true, configurable: true });
  };
  switch (chance.below(8)) {
    case 0:
      if (parent === holder) set(null);
      else if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      break;
    case 1:
      set(structuredClone(at(holder, chance.oneOf(paths))));
      break;
    case 2:
      set(chance.below(2) === 0 ? [value] : { [wordText(chance)]: value });
      break;
    case 3:
      if (Array.isArray(value))
        value.push(...Array.from({ length: chance.oneOf([1, 2, 64]) }, () => chance.oneOf(ODD_VALUES)));
      else if (typeof value === "object" && value !== null)
        Object.assign(value, { [wordText(chance)]: chance.oneOf(ODD_VALUES) });
      else set(wordText(chance));
      break;
    case 4:
      set(typeof value === "string" ? value + wordText(chance) : typeof value === "number" ? value + 1 : value);
      break;
    case 5:
      set(wordText(chance));
      break;
    default:
      set(chance.oneOf(ODD_VALUES));
  }
  return holder.root;
}

const wordText = (chance: Chance): string => Buffer.from(chance.word()).toString("utf8");

/** Every place in a value, at most a thousand of them. */
function pathsOf(holder: { root: unknown }): Path[] {
  const paths: Path[] = [];
  const waiting: [unknown, Path][] = [[holder.root, ["root"]]];
  for (let next = waiting.pop(); next !== undefined && paths.length < 1_000; next = waiting.pop()) {
    const [value, path] = next;
    paths.push(path);
    if (typeof value !== "object" || value === null || path.length > 200) continue;
    for (const [key, child] of Object.entries(value)) waiting.push([child, [...path, key]]);
  }
  return paths;
}

function at(holder: object, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], holder);
}
