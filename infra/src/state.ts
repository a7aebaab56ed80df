import { z } from "zod";
import type { Workplace } from "./engine.js";

export type Values = Readonly<Record<string, unknown>>;

export interface Made {
  readonly type: string;
  readonly name: string;
  readonly index: string | undefined;
  readonly values: Values;
}

const resource = z.object({
  mode: z.string(),
  type: z.string(),
  name: z.string(),
  index: z.union([z.string(), z.number()]).optional(),
  values: z.record(z.string(), z.unknown()),
});
const module = z.object({
  resources: z.array(resource).default([]),
  get child_modules() {
    return z.array(module).default([]);
  },
});
type Module = z.infer<typeof module>;
const state = z.object({
  values: z.object({
    outputs: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
    root_module: module,
  }),
});

export interface Applied {
  readonly made: readonly Made[];
  readonly outputs: Values;
  /** The one resource of a type and index; throws where there is none, or are several. */
  one(type: string, name?: string, index?: string): Values;
}

/** Applies an example against the stand-in, and tells what was made. */
export async function applied(place: Workplace, where: string): Promise<Applied> {
  await place.must(where, "init");
  await place.must(where, "validate");
  await place.must(where, "apply", "-auto-approve");
  const shown = state.parse(JSON.parse(await place.must(where, "show", "-json")));
  const all = ({ resources, child_modules }: Module): Made[] => [
    ...resources
      .filter(({ mode }) => mode === "managed")
      .map(({ type, name, index, values }) => ({
        type,
        name,
        index: index === undefined ? undefined : String(index),
        values,
      })),
    ...child_modules.flatMap(all),
  ];
  const made = all(shown.values.root_module);
  return {
    made,
    outputs: Object.fromEntries(Object.entries(shown.values.outputs).map(([name, { value }]) => [name, value])),
    one(type, name, index) {
      const found = made.filter(
        (each) =>
          each.type === type &&
          (name === undefined || each.name === name) &&
          (index === undefined || each.index === index),
      );
      const [first, ...more] = found;
      if (first === undefined || more.length > 0)
        throw new Error(`${found.length} of ${type} ${name ?? ""} ${index ?? ""}`);
      return first.values;
    },
  };
}
