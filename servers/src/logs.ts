import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

/** A new file for the output of one process, in the cache. Those of more than a week ago go. */
export const logFile = async (cache: string, title: string): Promise<string> => {
  const folder = join(cache, "logs");
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Another process may be faster.
    const written = await stat(path).catch(() => undefined);
    if (written !== undefined && Date.now() - written.mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
  return join(folder, `${new Date().toISOString().replaceAll(":", "-")}-${process.pid}-${title}.log`);
};
