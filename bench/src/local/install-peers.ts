import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../../..");
export const PEERS: string = join(import.meta.dirname, "../../peers");

/**
 * Installs what the benchmarks compare with, as their lockfile says; quick when that has been done before.
 * @throws Error that says what to do
 */
export function installPeers(): void {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { packageManager } = z.object({ packageManager: z.string() }).parse(manifest);
  console.error("installing bench/peers (the first time its SQLite driver may be compiled, which takes a minute)");
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const { status, stdout, stderr, error } = spawnSync(
    npx,
    ["-y", "--prefer-offline", packageManager, "install", "--frozen-lockfile", "--prefer-offline"],
    { cwd: PEERS, encoding: "utf8", shell: process.platform === "win32" },
  );
  if (status === 0) return;
  throw new Error(
    `bench/peers could not be installed; where no binary of better-sqlite3 can be had it is compiled, which needs a C++ compiler, Python and make\n${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`,
  );
}
