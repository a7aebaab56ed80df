import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "@agenthandoff/core/memory";
import { describe, expect, it } from "vitest";
import { testDirectory } from "./testing/directory.js";

/** How often a word stands in any file of the directory. */
function occurrences(directory: string, word: string): number {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), "latin1").split(word).length - 1)
    .reduce((sum, count) => sum + count, 0);
}

const HOPS = 600;

describe("erasure", () => {
  it("leaves none of the erased bytes in any file, and all of the others", async () => {
    await using directory = testDirectory();
    const { store, audit } = directory.open();
    const random = seededRandom(1);
    const text = (word: string, length: number) => word.repeat(Math.ceil(length / word.length));
    const ids = (task: string, hop: number) => ({
      ...{ relayId: "relay", taskId: task, hop, id: `${hop}`, kind: "committed" },
      at: "2026-01-01T00:00:00.000Z",
    });
    const words = { open: "plain-words ", erased: "secret-words " };
    for (let hop = 0; hop < HOPS; hop++) {
      for (const [task, word] of Object.entries(words)) {
        const length = random.number() < 0.1 ? 40_000 : 1_500;
        await store.putIfAbsent(`relay/slots/${task}/${hop}`, Buffer.from(text(word, random.number() * length)));
        await store.putIfAbsent(`relay/blobs/${task}/${hop}`, Buffer.from(text(word, random.number() * length)));
        // Objects that grow and shrink make SQLite move their neighbours about, and leave copies in gaps.
        const run = `relay/runs/${task}/${Math.floor(random.number() * hop)}`;
        await store.overwrite(run, Buffer.from(text(word, random.number() * 3_000)));
        await audit.append({ ...ids(task, hop), detail: { error: text(word, 200), kept: hop } });
      }
    }
    expect(occurrences(directory.path, words.erased)).toBeGreaterThan(1_000);
    const plain = await store.get("relay/slots/open/7");

    for (let hop = 0; hop < HOPS; hop++) {
      await store.overwrite(`relay/slots/erased/${hop}`, new Uint8Array());
      await store.delete(`relay/blobs/erased/${hop}`);
    }
    for await (const key of store.list("relay/runs/erased/")) await store.delete(key);
    await audit.erase("relay", "erased", ["kept"]);

    expect(occurrences(directory.path, words.erased)).toBe(0);
    expect(occurrences(directory.path, words.open)).toBeGreaterThan(1_000);
    expect(await store.get("relay/slots/open/7")).toEqual(plain);
    expect(await store.get("relay/slots/erased/7")).toEqual(new Uint8Array());
    for await (const event of audit.events("relay", "erased")) expect(event.detail).toEqual({ kept: event.hop });
  });
});
