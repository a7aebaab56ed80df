import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DEPENDENCIES } from "./check/workshop.js";
import { RUNTIME } from "./generate/generate.js";

/** What the agents need on disk beside their own code: whoever bundles them puts it beside the bundle. */
export const ON_DISK = {
  /** In a folder of this name. */
  folder: "runtime",
  /** Its files, by their paths here. */
  async files(): Promise<readonly string[]> {
    const names = (await readdir(RUNTIME)).filter((name) => !name.endsWith(".test.ts"));
    return names.map((name) => fileURLToPath(new URL(name, RUNTIME)));
  },
  /** Installed packages, which QA and Deploy compile with. */
  packages: ["typescript", ...DEPENDENCIES] as readonly string[],
} as const;
