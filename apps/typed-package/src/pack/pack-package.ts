import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { create } from "tar";
import { compilePackage } from "../check/compile.js";
import { openWorkshop } from "../check/workshop.js";
import type { PackageFiles } from "../generate/generate.js";

export interface PackedPackage {
  /** As `npm pack` names it. */
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** The date that npm itself gives to every file of a tarball. */
const FIXED_TIME = new Date("1985-10-26T08:15:00.000Z");

async function filesBelow(directory: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(directory, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .split(sep)
        .join("/"),
    );
}

/**
 * Compiles a package and packs it as `npm pack` does, but so that the same source gives the same bytes: fixed order,
 * dates, owners and modes.
 *
 * @throws Error when it does not compile, which QA has ruled out
 */
export async function packPackage(
  manifest: { readonly name: string; readonly version: string },
  files: PackageFiles,
  signal?: AbortSignal,
): Promise<PackedPackage> {
  await using workshop = await openWorkshop(files);
  const { directory } = workshop;
  const [error] = await compilePackage(directory, signal);
  if (error) throw new Error(`${error.file}:${error.line} does not compile: ${error.message}`);

  const paths = [...Object.keys(files), ...(await filesBelow(directory, "dist"))].sort();
  const chunks: Uint8Array[] = [];
  const archive = create(
    {
      cwd: directory,
      prefix: "package/",
      portable: true,
      mtime: FIXED_TIME,
      noDirRecurse: true,
      gzip: { level: 9, portable: true },
    },
    paths,
  );
  for await (const chunk of archive) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return {
    fileName: `${manifest.name}-${manifest.version}.tgz`,
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
