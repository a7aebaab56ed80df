import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { ON_DISK } from "@agenthandoff/typed-package";

const require = createRequire(import.meta.url);

/**
 * Puts beside a bundle what the agents of typed-package read from disk, and a package.json that names what else they need.
 * @param link Link the latter to what is installed here, to run the bundle on this machine.
 */
export async function addWhatAgentsNeed(folder: string, link: boolean): Promise<void> {
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
