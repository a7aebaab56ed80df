import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** Runs the command as the root's `bench` script does. */
function bench(...args: readonly string[]) {
  const tsx = join(ROOT, "node_modules/tsx/dist/cli.mjs");
  const file = join(import.meta.dirname, "main.ts");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [tsx, "--conditions=@agenthandoff/source", file, ...args],
    { cwd: ROOT, encoding: "utf8" },
  );
  return { status, stderr, lines: stdout.trimEnd().split("\n") };
}

describe("bench", () => {
  it("growth --json prints one JSON object alone on the last line, with every scheme of both corpora", () => {
    const { status, lines } = bench("growth", "--hops", "4", "--json");
    expect(status).toBe(0);
    const { rows } = JSON.parse(lines.at(-1) ?? "") as { rows: readonly { corpus: string; scheme: string }[] };
    expect(rows.map(({ corpus, scheme }) => `${corpus} ${scheme}`)).toEqual([
      "coding agenthandoff",
      "coding whole-history-json",
      "coding floor",
      "research agenthandoff",
      "research whole-history-json",
      "research floor",
    ]);
    expect(rows[0]).toEqual({
      corpus: "coding",
      scheme: "agenthandoff",
      hops: 4,
      bytesPerHop: 20_000,
      bytesWritten: expect.any(Number),
      floorBytes: expect.any(Number),
      puts: 4,
      maxGets: 4,
      rounds: 1,
    });
  });

  it("growth prints a table for people", () => {
    const { lines } = bench("growth", "--hops", "2", "--bytes", "2000");
    expect(lines[0]).toMatch(/^corpus +scheme +hops/);
    expect(lines.slice(0, 8)).not.toContain("");
    expect(lines.at(-1)).toMatch(/^research, 2 hops: 3 audit events \(.*\) and 1 messages \(.*\)$/);
  });

  it("chain plays a chain on the disk in another process, verifies it, and tells its memory on the way", () => {
    const { status, lines } = bench("chain", "--hops", "30", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      rows: [0, 3, 30].map((hops) => ({ hops, rssBytes: expect.any(Number), heapUsedBytes: expect.any(Number) })),
      completed: true,
      verified: true,
      hopsVerified: 30,
    });
  });

  it("refuses numbers that are none, and says what it takes", () => {
    const { status, stderr } = bench("growth", "--hops", "many");
    expect(status).toBe(1);
    expect(stderr).toContain("give a whole number, 2 or more");
  });
});
