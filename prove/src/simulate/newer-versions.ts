import { type Patch, withPatchedCore } from "./patched-core.js";

/** How a later version of the library could write what this one must leave to it. */
export const NEWER_VERSIONS: readonly { readonly name: string; readonly patches: readonly Patch[] }[] = [
  {
    name: "its handoffs require a feature",
    patches: [
      {
        file: "runtime/build-handoff.ts",
        find: "    requires: [],",
        replace: '    requires: parts.fromAgent === null ? [] : ["newer"],',
      },
      {
        file: "protocol/handoff-bytes.ts",
        find: "const UNDERSTOOD_FEATURES: ReadonlySet<unknown> = new Set();",
        replace: 'const UNDERSTOOD_FEATURES: ReadonlySet<unknown> = new Set(["newer"]);',
      },
    ],
  },
  {
    name: "its handoffs and envelopes have version 2",
    patches: [
      { file: "runtime/build-handoff.ts", find: "    v: 1,", replace: "    v: 2," },
      { file: "runtime/send.ts", find: "    v: 1,", replace: "    v: handoff.record.v," },
      { file: "protocol/json-line.ts", find: "json.v > 1", replace: "json.v > 2" },
      {
        file: "protocol/schemas.ts",
        find: '  kind: z.literal("handoff"),\n  v: z.literal(1),',
        replace: '  kind: z.literal("handoff"),\n  v: z.union([z.literal(1), z.literal(2)]),',
      },
      {
        file: "protocol/schemas.ts",
        find: "export const envelopeSchema: z.ZodType<WireObject> = z.object({\n  v: z.literal(1),",
        replace:
          "export const envelopeSchema: z.ZodType<WireObject> = z.object({\n  v: z.union([z.literal(1), z.literal(2)]),",
      },
    ],
  },
];

/** Does something with copies of core that are newer versions of it. */
export async function withNewerVersions<T>(act: (directories: readonly string[]) => Promise<T>): Promise<T> {
  const collect = async (directories: readonly string[]): Promise<T> => {
    const version = NEWER_VERSIONS[directories.length];
    if (version === undefined) return await act(directories);
    return await withPatchedCore(version.name, version.patches, (made) => collect([...directories, made]));
  };
  return await collect([]);
}
