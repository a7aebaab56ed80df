import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TaskNotFoundError } from "../../errors/index.js";
import type { RelayEnvironment } from "../environment.js";

export interface ExportReport {
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes a task's stored objects as files, in the layout of their keys, for people and other tools:
 * `gunzip -c <directory>/<relay>/slots/<task>/*.ndjson.gz | jq`.
 * @throws TaskNotFoundError, StoreError, and the file system's own errors
 */
export async function exportTask(
  environment: RelayEnvironment,
  taskId: string,
  directory: string,
): Promise<ExportReport> {
  const { backend, keys } = environment;
  let files = 0;
  let bytes = 0;
  for (const prefix of [keys.slots(taskId), keys.blobs(taskId), keys.runs(taskId)]) {
    for await (const key of backend.store.list(prefix)) {
      const content = await backend.store.get(key);
      // Deleted since it was listed, by a sweep.
      if (content === undefined) continue;
      await writeDurably(join(directory, fileNameOf(key)), content);
      files++;
      bytes += content.length;
    }
    if (files === 0) throw new TaskNotFoundError(taskId);
  }
  return { directory, files, bytes };
}

/** What Windows takes for a device, whatever follows the point. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/**
 * A key as a path on any file system: also on one that does not tell upper from lower case, so that the tasks `A` and
 * `a` stay two, that drops a point at the end of a name, or that keeps some names for devices. What it may not keep is
 * written `%41`-like, so each key has a path of its own, and none leads out of its directory.
 */
export function fileNameOf(key: string): string {
  return key.split("/").map(fileNameOfPart).join("/");
}

function fileNameOfPart(part: string): string {
  if (part === "") return "%";
  if (/^\.+$/.test(part)) return part.replaceAll(".", escapeCharacter);
  const name = part.replace(/[^a-z0-9._-]/g, escapeCharacter).replace(/\.$/, escapeCharacter);
  return DEVICE.test(name) ? name.replace(/^./, escapeCharacter) : name;
}

function escapeCharacter(character: string): string {
  return [...Buffer.from(character, "utf8")].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // A reader never sees half a file: written aside, then renamed.
  const aside = `${path}.part`;
  const file = await open(aside, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(aside, path);
}
