import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";
import { cacheFolder } from "../cache.js";
import { DEFINITIONS } from "../definitions/index.js";
import { CHOICE_VARIABLE, choiceFrom, type ServerName } from "../services.js";
import { fetchServer } from "../start-servers.js";

const reasonToSkip = async (name: ServerName): Promise<string | undefined> => {
  const { slowToFetch, key, title } = DEFINITIONS[name];
  if (slowToFetch && choiceFrom() !== "second" && !existsSync(join(cacheFolder(), await key()))) {
    return `${title} takes minutes to build, once: run with ${CHOICE_VARIABLE}=second`;
  }
  // In CI the suite runs, and fails with the reason.
  if (process.env.CI === "true") return undefined;
  const fetched = await fetchServer(name, { say: (line) => console.log(line) });
  return "missing" in fetched ? fetched.missing : undefined;
};

/** `describe` for this package's own suites: skipped, with the reason in the title, where a server cannot be had. */
export const describeWith = async (names: readonly ServerName[], title: string, suite: () => void): Promise<void> => {
  const reasons = await Promise.all(names.map(reasonToSkip));
  const reason = reasons.filter((found) => found !== undefined).join("; ");
  describe.skipIf(reason !== "")(reason === "" ? title : `${title} (skipped: ${reason})`, suite);
};
