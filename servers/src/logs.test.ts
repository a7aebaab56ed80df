import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { logFile } from "./logs.js";

it("keeps the logs of a week", async () => {
  const cache = await mkdtemp(join(tmpdir(), "servers-logs-"));
  const folder = join(cache, "logs");
  await mkdir(folder);
  for (const name of ["old.log", "new.log"]) await writeFile(join(folder, name), "");
  const eightDaysAgo = new Date(Date.now() - 8 * 24 * 60 * 60 * 1_000);
  await utimes(join(folder, "old.log"), eightDaysAgo, eightDaysAgo);
  const log = await logFile(cache, "moto-s3");
  await writeFile(log, "");
  expect(new Set(await readdir(folder))).toEqual(new Set(["new.log", basename(log)]));
  expect(log).toMatch(/-moto-s3\.log$/u);
  await rm(cache, { recursive: true });
});
