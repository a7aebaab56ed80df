import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);

/** Where an installed package lies, also one whose `exports` hide its files. */
export function packageFolder(name: string): string {
  const folder = (require.resolve.paths(name) ?? [])
    .map((path) => join(path, name))
    .find((path) => existsSync(join(path, "package.json")));
  if (folder === undefined) throw new Error(`the package ${name} is not installed; run: npm start, or pnpm install`);
  return folder;
}
