import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { ContextStore } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { abortedSignal, forEachAtOnce, rejectsBecause, sameBytes } from "../expect.js";
import type { Trial } from "../trial.js";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const WRITERS = 20;
const KEYS = 50;
const LARGE_BYTES = 512 * 1024;

/** Several writers race for each of several keys; one of them must be told that it won, and its bytes must stand. */
async function race({ unique }: Trial<ContextStore>, handles: readonly ContextStore[]): Promise<void> {
  const prefix = unique("race");
  const keys = Array.from({ length: KEYS }, (_, index) => `${prefix}/${index}`);
  await forEachAtOnce(keys, 5, async (key) => {
    const writers = Array.from({ length: WRITERS }, (_, index) =>
      text(`written by ${index} ${"x".repeat(index * 50)}`),
    );
    const answers = await Promise.all(
      writers.map((bytes, index) => handles[index % handles.length]?.putIfAbsent(key, bytes)),
    );
    const winners = writers.filter((_, index) => answers[index] === "created");
    assert.equal(winners.length, 1, `${winners.length} of ${WRITERS} writers of one key were answered "created"`);
    for (const handle of handles) sameBytes(await handle.get(key), winners[0] ?? text(""), "the winner's object");
  });
}

/** Reads a key over and over while `write` runs, and requires each answer to be one of `allowed`. */
async function readBeside(
  store: ContextStore,
  key: string,
  allowed: readonly Uint8Array[],
  write: () => Promise<unknown>,
): Promise<void> {
  let writing = true;
  const look = async (): Promise<void> => {
    const bytes = await store.get(key);
    const whole = bytes === undefined || allowed.some((candidate) => Buffer.compare(candidate, bytes) === 0);
    assert.ok(whole, "a get beside a write saw a part of it");
  };
  await look();
  const written = write().finally(() => {
    writing = false;
  });
  while (writing) {
    await look();
    await turn();
  }
  await written;
}

export const writePromises: readonly ContractPromise<ContextStore>[] = [
  {
    id: "put-creates",
    title: "putIfAbsent writes where nothing is and answers created",
    async run({ port, unique }) {
      const key = `${unique("put")}/slot`;
      assert.equal(await port.putIfAbsent(key, text("first"), { mediaType: "text/plain" }), "created");
      sameBytes(await port.get(key), text("first"), "the object");
    },
  },
  {
    id: "put-keeps",
    title: "putIfAbsent answers exists and changes nothing where something is",
    async run({ port, another, unique }) {
      const key = `${unique("put")}/slot`;
      await port.putIfAbsent(key, text("first"));
      assert.equal(await port.putIfAbsent(key, text("second")), "exists");
      assert.equal(await port.putIfAbsent(key, text("first")), "exists");
      assert.equal(await (await another()).putIfAbsent(key, text("third, and longer")), "exists");
      sameBytes(await port.get(key), text("first"), "the object");
      await port.overwrite(`${key}-2`, text("overwritten"));
      assert.equal(await port.putIfAbsent(`${key}-2`, text("fourth")), "exists");
      sameBytes(await port.get(`${key}-2`), text("overwritten"), "the overwritten object");
    },
  },
  {
    id: "put-keeps-empty",
    title: "putIfAbsent answers exists where an empty object is",
    async run({ port, unique }) {
      const key = `${unique("put")}/slot`;
      assert.equal(await port.putIfAbsent(key, new Uint8Array(0)), "created");
      assert.equal(await port.putIfAbsent(key, text("second")), "exists");
      sameBytes(await port.get(key), new Uint8Array(0), "the empty object");
    },
  },
  {
    id: "put-one-winner",
    title: "of many concurrent putIfAbsent calls for one key exactly one is answered created, and its bytes stand",
    async run(trial) {
      await race(trial, [trial.port]);
    },
  },
  {
    id: "put-one-winner-across-handles",
    title:
      "of many concurrent putIfAbsent calls through two handles exactly one is answered created, and both see its bytes",
    async run(trial) {
      await race(trial, [trial.port, await trial.another()]);
    },
  },
  {
    id: "put-whole",
    title: "a get beside a putIfAbsent yields nothing or the whole bytes, never a part",
    async run({ port, another, unique }) {
      const prefix = unique("whole");
      const reader = await another();
      const bytes = Buffer.alloc(LARGE_BYTES, "agenthandoff");
      for (let round = 0; round < 5; round++) {
        const key = `${prefix}/${round}`;
        await readBeside(reader, key, [bytes], () => port.putIfAbsent(key, bytes));
        sameBytes(await reader.get(key), bytes, "the object");
      }
    },
  },
  {
    id: "overwrite-replaces",
    title: "overwrite writes whatever was there, or nothing",
    async run({ port, another, unique }) {
      const key = `${unique("overwrite")}/checkpoint`;
      await port.overwrite(key, text("a first version"), { mediaType: "text/plain" });
      sameBytes(await port.get(key), text("a first version"), "the object");
      await port.overwrite(key, text("second"));
      sameBytes(await port.get(key), text("second"), "the object");
      sameBytes(await (await another()).get(key), text("second"), "the object in another handle");
    },
  },
  {
    id: "overwrite-whole",
    title: "a get beside an overwrite yields the old bytes or the new ones, never a mixture",
    async run({ port, another, unique }) {
      const key = `${unique("whole")}/checkpoint`;
      const reader = await another();
      const versions = ["one", "two", "three", "four"].map((word) => Buffer.alloc(LARGE_BYTES, word));
      for (const version of versions) {
        await readBeside(reader, key, versions, () => port.overwrite(key, version));
        sameBytes(await reader.get(key), version, "the object");
      }
    },
  },
  {
    id: "delete-removes",
    title: "delete removes a key, in every handle, and it can be written again",
    async run({ port, another, unique }) {
      const key = `${unique("delete")}/blob`;
      const other = await another();
      await port.putIfAbsent(key, text("first"));
      await port.delete(key);
      assert.equal(await port.get(key), undefined);
      assert.equal(await other.get(key), undefined);
      assert.equal(await other.putIfAbsent(key, text("second")), "created");
      sameBytes(await port.get(key), text("second"), "the object");
    },
  },
  {
    id: "delete-missing",
    title: "delete of what is not there succeeds",
    async run({ port, unique }) {
      const prefix = unique("delete");
      await port.delete(`${prefix}/never`);
      await port.putIfAbsent(`${prefix}/once`, text("once"));
      await port.delete(`${prefix}/once`);
      await port.delete(`${prefix}/once`);
    },
  },
  {
    id: "store-write-signal",
    title: "a write whose signal is aborted rejects with the signal's reason",
    async run({ port, unique }) {
      const key = `${unique("signal")}/slot`;
      const { signal, reason } = abortedSignal();
      await rejectsBecause(reason, () => port.putIfAbsent(key, text("bytes"), { signal }));
      await rejectsBecause(reason, () => port.overwrite(key, text("bytes"), { signal }));
      await rejectsBecause(reason, () => port.delete(key, { signal }));
    },
  },
];
