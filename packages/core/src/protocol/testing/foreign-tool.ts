import { spawnSync } from "node:child_process";

/**
 * Whether a program of the machine can be run. Where it is missing, the tests that need it are skipped and the reason
 * is printed; in CI nothing is skipped, so they fail.
 */
export function hasTool(program: string): boolean {
  if (process.env.CI === "true" || spawnSync(program, ["--version"]).error === undefined) return true;
  console.warn(
    `skipped, since this machine has no ${program}: tests that prove what others read (with CI=true they fail)`,
  );
  return false;
}
