import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { type Bundle, bundleFunction } from "@agenthandoff/test-servers/lambda";
import { ON_DISK } from "@agenthandoff/typed-package";

/** The functions of this app, by the names of their modules. */
export const FUNCTION_NAMES = ["router", "release", "reconcile"] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];
export type FunctionFolders = Readonly<Record<FunctionName, Bundle>>;

const require = createRequire(import.meta.url);

/**
 * Bundles each function into a folder of its own, which holds everything that is to be deployed.
 * @param options.link Link what `router` compiles packages with to what is installed here, to run it on this machine.
 *   For AWS, install it instead: the folder's package.json names it.
 */
export async function functionFolders(
  folder: string,
  { link = false }: { readonly link?: boolean } = {},
): Promise<FunctionFolders> {
  const bundles = await Promise.all(
    FUNCTION_NAMES.map(async (name) => {
      const entry = join(import.meta.dirname, `${name}.ts`);
      return [name, await bundleFunction({ entry, folder: join(folder, name) })] as const;
    }),
  );
  await addWhatAgentsNeed(join(folder, "router"), link);
  return Object.fromEntries(bundles) as Record<FunctionName, Bundle>;
}

async function addWhatAgentsNeed(folder: string, link: boolean): Promise<void> {
  const beside = join(folder, ON_DISK.folder);
  await mkdir(beside, { recursive: true });
  for (const file of await ON_DISK.files()) await copyFile(file, join(beside, basename(file)));
  const dependencies: Record<string, string> = {};
  for (const name of ON_DISK.packages) {
    const manifest = require.resolve(`${name}/package.json`);
    dependencies[name] = (JSON.parse(await readFile(manifest, "utf8")) as { version: string }).version;
    if (!link) continue;
    const target = join(folder, "node_modules", name);
    await mkdir(dirname(target), { recursive: true });
    await symlink(dirname(manifest), target, "junction");
  }
  await writeFile(
    join(folder, "package.json"),
    `${JSON.stringify({ private: true, type: "module", dependencies }, null, 2)}\n`,
  );
}
