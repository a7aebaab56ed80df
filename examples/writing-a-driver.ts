import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { access, link, mkdir, mkdtemp, open, readdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { check, contextStorePromises } from "@agenthandoff/conformance";
import { type ContextStore, StoreError } from "@agenthandoff/core";

// A context store in files: one file a key, in a directory on a local disk.

export interface FileStoreOptions {
  /** Created where it is missing. */
  readonly directory: string;
}

const OBJECT = ".object";
const FOLDER = ".folder";
/** File systems take names of up to 255 bytes. */
const PIECE = /.{1,240}/g;

/** Failures that do not pass by themselves. */
const LASTING: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR"]);

export function fileStore(options: FileStoreOptions): ContextStore {
  const directory = resolve(options.directory);
  // The marker tells our directory from an empty one, such as a volume that is not mounted: without it,
  // "there is no such file" would be no proof that there is no such key.
  const marker = join(directory, "store");
  if (mkdirSync(directory, { recursive: true }) !== undefined) writeFileSync(marker, "");

  /** Runs an operation; whatever fails becomes a StoreError, but for the caller's own abort. */
  async function attempt<Value>(
    operation: string,
    key: string,
    signal: AbortSignal | undefined,
    run: () => Promise<Value>,
  ) {
    signal?.throwIfAborted();
    try {
      return await run();
    } catch (error) {
      throw new StoreError(operation, { subject: key, cause: error, retryable: !LASTING.has(codeOf(error)) });
    }
  }

  /** Yields `undefined` for a file that is not there, where its absence is certain. */
  async function unlessMissing<Value>(file: Promise<Value>): Promise<Value | undefined> {
    try {
      return await file;
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
      await access(marker);
      return undefined;
    }
  }

  /** Writes a file of its own first, so that nobody sees a part; `place` then puts it where it belongs in one step. */
  async function write(
    key: string,
    bytes: Uint8Array,
    place: (from: string, to: string) => Promise<void>,
  ): Promise<void> {
    await access(marker);
    const path = join(directory, pathOf(key));
    const own = join(directory, `${randomUUID()}.new`);
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(own, bytes, { flush: true });
      await place(own, path);
      await syncFolders(path);
    } finally {
      await rm(own, { force: true });
    }
  }

  /** Has the disk keep a change of names: a power cut must not take back what was answered. */
  async function syncFolders(path: string): Promise<void> {
    for (let folder = dirname(path); folder.startsWith(directory); folder = dirname(folder)) {
      const handle = await open(folder);
      await handle.sync().finally(() => handle.close());
    }
  }

  return {
    putIfAbsent: (key, bytes, { signal } = {}) =>
      attempt("put", key, signal, async () => {
        try {
          // Of any number of callers, `link` fails for all but one.
          await write(key, bytes, link);
          return "created";
        } catch (error) {
          if (codeOf(error) === "EEXIST") return "exists";
          throw error;
        }
      }),

    get: (key, { range, signal } = {}) =>
      attempt("get", key, signal, async () => {
        const bytes = await unlessMissing(readFile(join(directory, pathOf(key))));
        return bytes?.subarray(range?.start, range?.end);
      }),

    async *list(prefix, { after = "", signal } = {}) {
      const keys = await attempt("list", prefix, signal, async () => {
        await access(marker);
        const paths = await readdir(directory, { recursive: true });
        const keys = paths.filter((path) => path.endsWith(OBJECT)).map(keyOf);
        return keys.filter((key) => key.startsWith(prefix) && key > after).sort();
      });
      for (const key of keys) {
        signal?.throwIfAborted();
        yield key;
      }
    },

    overwrite: (key, bytes, { signal } = {}) => attempt("overwrite", key, signal, () => write(key, bytes, rename)),

    delete: (key, { signal } = {}) =>
      attempt("delete", key, signal, async () => {
        const path = join(directory, pathOf(key));
        await unlessMissing(unlink(path).then(() => syncFolders(path)));
      }),
  };
}

/**
 * Hex, so that keys which differ in case only differ on every file system; in pieces, since names have a limit.
 * Folders end otherwise than files, so that one key may begin with another.
 */
function pathOf(key: string): string {
  const pieces = Buffer.from(key).toString("hex").match(PIECE) ?? [];
  return pieces.join(FOLDER + sep) + OBJECT;
}

function keyOf(path: string): string {
  const hex = path.slice(0, -OBJECT.length).replaceAll(FOLDER + sep, "");
  return Buffer.from(hex, "hex").toString();
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

// Does it keep the contract? In a test file, `contextStoreSuite` makes a test of each promise; `check` runs anywhere.
const folder = await mkdtemp(join(tmpdir(), "file-store-"));
const findings = await check(contextStorePromises, () => {
  const directory = join(folder, randomUUID());
  return { open: () => fileStore({ directory }), openBroken: () => fileStore({ directory: folder }) };
});
await rm(folder, { recursive: true });
for (const finding of findings) if (finding.status === "broken") console.log(finding.title, finding.error);
console.log(`${findings.filter(({ status }) => status === "kept").length} of ${findings.length} promises kept`);
