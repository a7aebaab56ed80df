import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { proveFuzz } from "./prove-fuzz.js";
import { replay } from "./replay.js";

it("is led by what inputs reach, and keeps those that led on for the next run", async () => {
  const directory = await mkdtemp(join(tmpdir(), "agenthandoff-fuzz-"));
  try {
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
  } finally {
    await rm(directory, { recursive: true });
  }
});
