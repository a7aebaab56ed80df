import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";

const OUT = join(import.meta.dirname, "../../out");
const TMPFS = 0x01021994;

/**
 * Does something with an empty directory beside the sources (or in `parent`), which is removed afterwards.
 * @throws Error when it would lie in memory: then nothing that is written there is durable
 */
export async function withScratch<Result>(
  parent: string | undefined,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const home = parent ?? OUT;
  mkdirSync(home, { recursive: true });
  if (statfsSync(home).type === TMPFS) throw new Error(`${home} lies in memory; give a --directory on a disk`);
  const directory = mkdtempSync(join(home, "bench-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The bytes of all files in a directory and those below it. */
export function directoryBytes(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}
