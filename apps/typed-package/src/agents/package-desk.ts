import type { Context } from "@agenthandoff/core";
import { handoffFrom } from "@agenthandoff/langchain-adapter";
import { z } from "zod";
import type { PackageFiles } from "../generate/generate.js";
import { type PackageSpec, packageSpec } from "../generate/spec.js";

/** One version of the package, as Code left it. */
export interface PackageVersion {
  /** 1 for the first. */
  readonly version: number;
  readonly spec: PackageSpec;
}

const STATE = "package";

const packageVersion: z.ZodType<PackageVersion> = z.object({ version: z.number().int().min(1), spec: packageSpec });

const folderOf = (version: number): string => `package/v${version}/`;

/** Versions that were written in runs that have not ended yet: a run's own entries are not in its context. */
const written = new WeakMap<object, PackageVersion>();

/** The last version that earlier hops left, from the context alone. */
export function packageIn(context: Context): PackageVersion | undefined {
  const value = context.state(STATE);
  return value === undefined ? undefined : packageVersion.parse(value);
}

/** The files of a version. */
export async function packageFilesIn(context: Context, version: number): Promise<PackageFiles> {
  const folder = folderOf(version);
  const files = context.artifacts().filter(({ name }) => name.startsWith(folder));
  // Of a version that was written twice, the last counts.
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.name.slice(folder.length), await file.text()] as const)),
  );
}

/** All that Code's tools can reach: what Code itself wrote. There is no way from here to the task's file. */
export interface PackageDesk {
  current(runtime: unknown): PackageVersion | undefined;
  /** Hands the version over with the hop, and gives its number. */
  save(runtime: unknown, spec: PackageSpec, files: PackageFiles): number;
}

export const packageDesk: PackageDesk = {
  current(runtime) {
    const memory = handoffFrom(runtime);
    return written.get(memory) ?? packageIn(memory.context);
  },
  save(runtime, spec, files) {
    const memory = handoffFrom(runtime);
    const version = (packageDesk.current(runtime)?.version ?? 0) + 1;
    const folder = folderOf(version);
    memory.add(
      ...Object.entries(files).map(([path, data]) => ({ kind: "artifact" as const, name: folder + path, data })),
      { kind: "state", name: STATE, value: { version, spec } satisfies PackageVersion },
    );
    written.set(memory, { version, spec });
    return version;
  },
};
