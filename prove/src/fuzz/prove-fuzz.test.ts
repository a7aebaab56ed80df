import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proveFuzz } from "./prove-fuzz.js";
import { replay } from "./replay.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "agenthandoff-fuzz-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

it("is led by what inputs reach, and keeps those that led on for the next run", async () => {
  const lines: string[] = [];
  const run = async (seed: number) =>
    await proveFuzz({
      minutes: 1 / 30,
      targets: ["envelope"],
      seed,
      directory,
      onProgress: (line) => lines.push(line),
    });
  const first = await run(1);
  expect(first).toMatchObject({ findings: 0, targets: [{ name: "envelope", executions: first.executions }] });
  expect(first.executions).toBeGreaterThan(3);
  expect(first.targets[0]?.seen).toBeGreaterThan(100);
  const corpus = join(directory, "envelope", "corpus");
  const kept = await readdir(corpus);
  // The seeds are three: the others were led to.
  expect(kept.length).toBeGreaterThan(3);
  await run(2);
  expect(await readdir(corpus)).toEqual(expect.arrayContaining(kept));
  expect(lines).toHaveLength(2);
  expect(await replay("envelope", join(corpus, kept[0] ?? ""))).toBeUndefined();
});

describe("what is wrong", () => {
  const run = async (target: string) =>
    await proveFuzz({
      minutes: 1 / 30,
      targets: [target],
      directory,
      onProgress: () => {},
      maxCrashes: 1,
      module: import.meta.resolve("./testing/planted.ts"),
    });

  it("is counted in each run that meets it, also when an earlier one has kept its input", async () => {
    for (let runs = 0; runs < 2; runs++) {
      const report = await run("throws");
      expect(report).toMatchObject({ findings: 1, targets: [{ name: "throws", findings: 1 }] });
      expect(report.minutes).toBeGreaterThan(0);
      const [file = "", ...more] = await readdir(join(directory, "throws", "findings"));
      expect(more).toEqual([]);
      expect(await readFile(join(directory, "throws", "findings", file), "utf8")).toBe("bad");
    }
  });

  it("is found and kept even if the process dies of it", async () => {
    expect(await run("dies")).toMatchObject({ findings: 1, targets: [{ name: "dies", findings: 1 }] });
    const [file = ""] = await readdir(join(directory, "dies", "findings"));
    expect(file).toContain("dies-crash");
    expect(await readFile(join(directory, "dies", "findings", file), "utf8")).toContain("bad");
  });
});

it("refuses a target that there is not, and names those that there are", async () => {
  const asked = proveFuzz({ minutes: 1, targets: ["envelop"], directory, onProgress: () => {} });
  await expect(asked).rejects.toThrow(/there is no target envelop; there are json, .*envelope/);
});
