import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HandoffError } from "@agenthandoff/core";
import { seededRandom } from "@agenthandoff/core/memory";
import { expect, it } from "vitest";
import { DATABASE_FILE } from "../../../packages/local/src/connections.js";
import { openSqlite } from "../../../packages/local/src/sqlite.js";
import { createCopies } from "./copies.js";
import { finalDisk } from "./disk.js";
import { recordPlay } from "./record-play.js";
import { recover } from "./recover.js";
import { recordedTasks } from "./tasks.js";

/** Only a hang is a failure: how long a machine takes is its own affair. */
const HANG_MS = 3_600_000;
const PAGE_BYTES = 4_096;
const TASKS = 6;
const TRIALS = 30;
/** What `recover` says when an agent produced, or a context holds, anything but what earlier agents produced. */
const WRONG_CONTEXT = /is not what its agent|outputs instead of|its answer is/;

it(
  "lets no byte that the disk has changed reach an agent or a result: it is found, or it makes no difference",
  async () => {
    const steps = await recordPlay("quiet", TASKS);
    const copies = createCopies();
    const { number } = seededRandom(3);
    const wrong: string[] = [];
    let found = 0;
    try {
      for (let trial = 0; trial < TRIALS; trial++) {
        const begun = finalDisk(steps.slice(0, Math.floor(steps.length * (0.2 + 0.7 * number()))));
        const disk = new Map([[DATABASE_FILE, damaged(copies.with(begun, wholeDatabase), number)]]);
        try {
          const { problems } = await copies.with(disk, (directory) =>
            recover(directory, recordedTasks(TASKS), Date.now()),
          );
          if (problems.length > 0) found++;
          wrong.push(...problems.filter((problem) => WRONG_CONTEXT.test(problem)));
        } catch (error) {
          if (!HandoffError.isInstance(error)) throw error;
          found++;
        }
      }
    } finally {
      copies.remove();
    }
    expect(wrong).toEqual([]);
    // Else nothing was damaged that mattered.
    expect(found).toBeGreaterThan(TRIALS / 10);
  },
  HANG_MS,
);

/** The database with all that stands in its log. */
function wholeDatabase(directory: string): Buffer {
  const file = join(directory, DATABASE_FILE);
  const connection = openSqlite(file);
  connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  const bytes = readFileSync(file);
  connection.close();
  return bytes;
}

/** With a few bits changed, past the page by which SQLite knows the file. */
function damaged(bytes: Buffer, number: () => number): Buffer {
  for (let times = 0; times < 30; times++) {
    const at = PAGE_BYTES + Math.floor(number() * (bytes.length - PAGE_BYTES));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(number() * 8));
  }
  return bytes;
}
