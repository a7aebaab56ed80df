import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PackageFiles } from "../generate/generate.js";

/** A folder in which a generated package is compiled and run, with what it depends on. */
export interface Workshop extends AsyncDisposable {
  readonly directory: string;
}

const require = createRequire(import.meta.url);

/** What the package needs to compile and to run, taken from this app's own dependencies so that no network is needed. */
export const DEPENDENCIES: readonly string[] = ["zod", "@types/node"];

async function linkDependency(directory: string, name: string): Promise<void> {
  const link = join(directory, "node_modules", name);
  await mkdir(dirname(link), { recursive: true });
  await symlink(dirname(require.resolve(`${name}/package.json`)), link, "junction");
}

export async function writeFiles(directory: string, files: PackageFiles): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

/** Puts a package into a fresh folder of its own, which goes when it is disposed of. */
export async function openWorkshop(files: PackageFiles): Promise<Workshop> {
  const directory = await mkdtemp(join(tmpdir(), "typed-package-"));
  const dispose = () => rm(directory, { recursive: true, force: true });
  try {
    await writeFiles(directory, files);
    await Promise.all(DEPENDENCIES.map((name) => linkDependency(directory, name)));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { directory, [Symbol.asyncDispose]: dispose };
}
