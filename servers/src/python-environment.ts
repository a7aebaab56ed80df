import { join } from "node:path";
import { cached, cacheFolder } from "./cache.js";
import { fingerprint } from "./fingerprint.js";
import { logFile } from "./logs.js";
import { runCommand } from "./run-command.js";
import { missingTools, PYTHON } from "./tools.js";

/** Names a virtual environment: it belongs to its requirements, and to the Python that made it. */
export const environmentKey = async (name: string, requirements: readonly string[]): Promise<string> =>
  `${name}-${await fingerprint(requirements, await PYTHON.version())}`;

/** Makes a virtual environment in `folder` with what the file `requirements` pins. */
export const makeEnvironment = async (folder: string, requirements: string, log: string): Promise<void> => {
  await runCommand("python3", ["-m", "venv", folder], { log });
  await runCommand(pythonIn(folder), ["-m", "pip", "install", "--no-input", "-r", requirements], { log });
};

export const pythonIn = (folder: string): string => join(folder, "bin/python");

export interface PythonEnvironmentOptions {
  /** Part of its folder's name in the cache. */
  readonly name: string;
  /** A file of pip's that pins every package. */
  readonly requirements: string;
  /** `AGENTHANDOFF_SERVERS_CACHE` or a folder of the user's otherwise. */
  readonly cache?: string;
  /** Told what takes long. */
  readonly say?: (line: string) => void;
}

/** A Python with the packages that a file pins, made where the cache lacks it; or why it cannot be had. */
export const pythonEnvironment = async ({
  name,
  requirements,
  cache = cacheFolder(),
  say,
}: PythonEnvironmentOptions): Promise<{ readonly python: string } | { readonly missing: string }> => {
  const [missing] = await missingTools([PYTHON]);
  if (missing !== undefined) return { missing: `it needs ${missing.title}: apt-get install ${missing.packages}` };
  try {
    const key = await environmentKey(name, [requirements]);
    const folder = await cached(cache, key, "pip", async (unfinished) => {
      say?.(`Fetching the packages of ${requirements} into ${cache} …`);
      await makeEnvironment(unfinished, requirements, await logFile(cache, `fetch-${name}`));
    });
    return { python: pythonIn(folder) };
  } catch (error) {
    return { missing: `the packages of ${requirements} could not be fetched: ${(error as Error).message}` };
  }
};
