import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** The folder of the downloads: several clones share it, since it lies outside of any. */
export const CACHE_VARIABLE = "AGENTHANDOFF_SERVERS_CACHE";

export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  resolve(
    environment[CACHE_VARIABLE] ??
      join(environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "agenthandoff", "servers"),
  );

const HEARTBEAT_MS = 2_000;
/** A lock whose holder has not touched it for so long is nobody's. */
const STALE_MS = 20_000;
const POLL_MS = 100;

const tryLock = async (path: string): Promise<boolean> => {
  try {
    await (await open(path, "wx")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
};

/** Runs `work` while no other process does under the same lock file. */
export const withLock = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  while (!(await tryLock(path))) {
    const touched = await stat(path).catch(() => undefined);
    if (touched !== undefined && Date.now() - touched.mtimeMs > STALE_MS) await rm(path, { force: true });
    else await delay(POLL_MS);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
};

/**
 * The folder `key` of the cache, filled by `build` where it is not there yet.
 * A lock spares a second process the same download; what keeps the folder whole is that it appears by one rename.
 */
export const cached = async (
  cache: string,
  key: string,
  lock: string,
  build: (folder: string) => Promise<void>,
): Promise<string> => {
  const folder = join(cache, key);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  return await withLock(join(cache, `${lock}.lock`), async () => {
    if (existsSync(folder)) return folder;
    const unfinished = await mkdtemp(join(cache, `.${key}-`));
    try {
      await build(unfinished);
      await rename(unfinished, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error;
      });
      return folder;
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  });
};
