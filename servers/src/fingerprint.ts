import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Names what a folder of the cache was made from: other pins or another compiler get a folder of their own. */
export const fingerprint = async (
  files: readonly string[],
  ...also: readonly (string | undefined)[]
): Promise<string> => {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of files) hash.update(await readFile(file));
  for (const text of also) hash.update(`\n${text ?? ""}`);
  return hash.digest("hex").slice(0, 12);
};
