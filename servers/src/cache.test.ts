import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CACHE_VARIABLE, cached, cacheFolder, withLock } from "./cache.js";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "servers-cache-"));
});
afterEach(() => rm(cache, { recursive: true, force: true }));

const write = (folder: string): Promise<void> => writeFile(join(folder, "file"), "whole");

describe("cached", () => {
  it("builds once for all who ask at once, and not again", async () => {
    let builds = 0;
    const build = async (folder: string): Promise<void> => {
      builds += 1;
      await write(folder);
    };
    const folders = await Promise.all([1, 2, 3].map(() => cached(cache, "key", "lock", build)));
    folders.push(await cached(cache, "key", "lock", build));
    expect(new Set(folders)).toEqual(new Set([join(cache, "key")]));
    expect(builds).toBe(1);
    expect(await readFile(join(cache, "key", "file"), "utf8")).toBe("whole");
  });

  it("shows nobody a folder that is not finished, and leaves nothing of a build that failed", async () => {
    const failing = cached(cache, "key", "lock", async (folder) => {
      await write(folder);
      expect(existsSync(join(cache, "key"))).toBe(false);
      throw new Error("no network");
    });
    await expect(failing).rejects.toThrow("no network");
    expect(await readdir(cache)).toEqual([]);
    await cached(cache, "key", "lock", write);
    expect(await readdir(cache)).toEqual(["key"]);
  });

  it("keeps the folder that came first when a second build finishes in spite of the lock", async () => {
    const first = cached(cache, "key", "lock", async (folder) => {
      await cached(cache, "key", "another-lock", write);
      await writeFile(join(folder, "file"), "too late");
    });
    await first;
    expect(await readFile(join(cache, "key", "file"), "utf8")).toBe("whole");
    expect(await readdir(cache)).toEqual(["key"]);
  });
});

describe("withLock", () => {
  it("takes over a lock whose holder has long been silent", async () => {
    const lock = join(cache, "lock");
    await writeFile(lock, "");
    await utimes(lock, new Date(0), new Date(0));
    expect(await withLock(lock, async () => "done")).toBe("done");
    expect(existsSync(lock)).toBe(false);
  });
});

describe("cacheFolder", () => {
  it("is the one of the variable, of XDG, or of the user, in this order", () => {
    expect(cacheFolder({ [CACHE_VARIABLE]: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheFolder({ XDG_CACHE_HOME: "/b" })).toBe(join("/b", "agenthandoff", "servers"));
    expect(cacheFolder({})).toMatch(/\.cache.agenthandoff.servers$/u);
  });
});
