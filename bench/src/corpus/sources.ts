import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of an installed package. */
export interface SourceFile {
  /** Within its package, with `/` between the parts. */
  readonly path: string;
  readonly text: string;
}

const PACKAGES = join(import.meta.dirname, "../../node_modules");
/** A corpus of less would repeat itself. */
const LEAST_CHARACTERS = 1_000_000;

/**
 * The files of an installed package that match, in the order of their paths. Every package read here is pinned by the
 * workspace, so that the same text is read everywhere.
 * @throws Error when the package is missing, or holds too little
 */
export function readSources(packageName: string, folder: string, pattern: RegExp): readonly SourceFile[] {
  const root = join(PACKAGES, packageName, folder);
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => pattern.test(path))
    // By code unit: a locale's order would differ between machines.
    .sort((left, right) => (left < right ? -1 : 1));
  const files = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const characters = files.reduce((sum, { text }) => sum + text.length, 0);
  if (characters < LEAST_CHARACTERS) {
    throw new Error(
      `the corpus needs ${LEAST_CHARACTERS} characters, but ${packageName}/${folder} has ${characters}; run pnpm install`,
    );
  }
  return files;
}
