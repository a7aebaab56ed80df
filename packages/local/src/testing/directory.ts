import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "@agenthandoff/core";
import { local } from "../local.js";
import type { LocalOptions } from "../options.js";

/** A directory of a test's own, the handles opened on it, and an end to both. */
export interface TestDirectory extends AsyncDisposable {
  readonly path: string;
  open(options?: Partial<LocalOptions>): Backend;
  dispose(): Promise<void>;
}

export function testDirectory(): TestDirectory {
  const parent = mkdtempSync(join(tmpdir(), "agenthandoff-local-"));
  const path = join(parent, "data");
  const opened: Backend[] = [];
  async function dispose(): Promise<void> {
    for (const backend of opened) await backend.close();
    rmSync(parent, { recursive: true, force: true });
  }
  return {
    path,
    open(options) {
      const backend = local({ directory: path, ...options });
      opened.push(backend);
      return backend;
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
