import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Inputs that once went wrong: what every run of a target begins with, beside its seeds. */
export function onceWrong(target: string): Uint8Array[] {
  const folder = join(import.meta.dirname, "corpus", target);
  return existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name))) : [];
}
