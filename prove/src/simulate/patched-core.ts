import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** One change to the sources of core. */
export interface Patch {
  /** Under `packages/core/src`. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const CORE = resolve(import.meta.dirname, "../../../packages/core");

/** Does something with a changed copy of core, beside the original so that it finds the same dependencies. */
export async function withPatchedCore<T>(
  name: string,
  patches: readonly Patch[],
  act: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = join(CORE, "node_modules/.patched", `${name.replaceAll(/[^a-z0-9]+/g, "-")}-${process.pid}`);
  await rm(directory, { recursive: true, force: true });
  try {
    await mkdir(directory, { recursive: true });
    await cp(join(CORE, "src"), join(directory, "src"), { recursive: true });
    await writeFile(join(directory, "package.json"), await readFile(join(CORE, "package.json")));
    await symlink(join(CORE, "node_modules"), join(directory, "node_modules"));
    for (const patch of patches) await apply(join(directory, "src"), name, patch);
    return await act(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function apply(sources: string, name: string, { file, find, replace }: Patch): Promise<void> {
  const path = join(sources, file);
  const source = await readFile(path, "utf8");
  const places = source.split(find).length - 1;
  if (places !== 1)
    throw new Error(`"${name}" must find its text once in ${file}, but finds it ${places} times; bring it up to date`);
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
}
