import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small file system of a test's own, gone at its end. */
export interface SmallFileSystem extends Disposable {
  readonly path: string;
  makeReadOnly(): void;
  /** Leaves no room in it, until the room is freed. */
  fill(): { free(): void };
}

function run(command: string, ...args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
}

/** Mounts a file system in memory, which only root may do, and on Linux. */
export function smallFileSystem(bytes: number): SmallFileSystem {
  const path = mkdtempSync(join(tmpdir(), "agenthandoff-mount-"));
  run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path);
  return {
    path,
    makeReadOnly: () => run("mount", "-o", "remount,ro", path),
    fill() {
      const filler = join(path, "filler");
      const handle = openSync(filler, "w");
      try {
        for (;;) writeSync(handle, Buffer.alloc(4_096));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      } finally {
        closeSync(handle);
      }
      return { free: () => rmSync(filler) };
    },
    [Symbol.dispose]() {
      // Lazily: a handle may still be open there.
      run("umount", "-l", path);
      rmSync(path, { recursive: true });
    },
  };
}

/** Why no file system can be mounted here; `undefined` where it can. */
export function whyNoMounts(): string | undefined {
  try {
    smallFileSystem(65_536)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return `no file system can be mounted here (${String(error)}); run as root on Linux`;
  }
}
