import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memory } from "@agenthandoff/core/memory";
import { local } from "@agenthandoff/local";
import { afterEach, describe, expect, it } from "vitest";
import { CORPORA } from "../corpus/corpora.js";
import { playScript, playScriptColdly } from "./play-script.js";
import { assertHopBytes, rawHandoffs } from "./raw-handoffs.js";
import { measureRecords } from "./record-bytes.js";
import { messagesByHop } from "./script.js";
import { createScriptedRelay, TASK_ID } from "./scripted-relay.js";
import { writeScript } from "./write-script.js";

const HOPS = 103;
const BYTES_PER_HOP = 3_000;
const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function localIn(directory = mkdtempSync(join(tmpdir(), "agenthandoff-bench-"))) {
  directories.push(directory);
  return () => local({ directory });
}

describe.each([
  ["memory", () => memory],
  ["local", localIn],
])("a script on the backend %s", (_, openers) => {
  it("makes every handoff exactly as long as it says, whatever the digits of its hop", async () => {
    const recordBytes = await measureRecords(openers()());
    const script = writeScript(CORPORA.coding(), { hops: HOPS, bytesPerHop: BYTES_PER_HOP, recordBytes });
    const backend = openers()();
    await playScript({ script, backend });
    const handoffs = await rawHandoffs(backend.store);
    expect(handoffs).toHaveLength(HOPS);
    assertHopBytes(handoffs, BYTES_PER_HOP);
    await backend.close();
  });
});

describe("a script", () => {
  it("comes back from the context message for message, also from workers that know nothing", async () => {
    const openBackend = localIn();
    const recordBytes = await measureRecords(localIn()());
    const script = writeScript(CORPORA.research(), { hops: 9, bytesPerHop: BYTES_PER_HOP, recordBytes });
    await playScriptColdly({ script, openBackend });
    const backend = openBackend();
    const task = createScriptedRelay({ script, backend }).task(TASK_ID);
    const { entries } = await task.context();
    expect(entries.flatMap(({ value }) => value)).toEqual(messagesByHop(script).flat());
    expect((await task.head()).state).toBe("completed");
    await backend.close();
  });

  it("names the hop that has another length than the benchmark says", () => {
    expect(() => assertHopBytes([new Uint8Array(5), new Uint8Array(4)], 5)).toThrow("hop 1 has 4 bytes, not 5");
  });

  it("that cannot be played says why", async () => {
    const messages = () => [{ id: "a", role: "user", content: "x", call: (() => {}) as unknown as string } as const];
    const play = playScript({
      script: { hops: 3, messagesOf: (hop) => (hop === 0 ? [] : messages()) },
      backend: memory(),
    });
    await expect(play).rejects.toThrow("the chain failed at hop 1");
  });
});
