import assert from "node:assert/strict";
import type { ContextStore } from "@agenthandoff/core";
import fc from "fast-check";
import type { ContractPromise } from "../contract-promise.js";
import { collect, forEachAtOnce, rejectsBecause } from "../expect.js";
import { text } from "./writes.js";

/** More than S3 lists in one page. */
const MANY_KEYS = 1_100;

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** What core's keys are made of, with the characters that a query language or a file system may find special. */
const segment = fc.stringMatching(/^[a-bA-B0-9][a-bA-B0-9._-]{0,4}$/);
const names = fc.uniqueArray(
  fc.tuple(segment, segment).map((parts) => parts.join("/")),
  { minLength: 1, maxLength: 15 },
);

async function fill(store: ContextStore, prefix: string, keys: readonly string[]): Promise<string[]> {
  const full = keys.map((key) => `${prefix}/${key}`);
  await forEachAtOnce(full, 50, (key) => store.putIfAbsent(key, text(key)));
  return full;
}

export const listPromises: readonly ContractPromise<ContextStore>[] = [
  {
    id: "list-prefix",
    title: "list yields exactly the keys that begin with the prefix, wherever the prefix ends",
    async run({ port, unique, cases }) {
      await fc.assert(
        fc.asyncProperty(names, fc.nat(), fc.nat(12), async (keys, pick, length) => {
          const root = unique("list");
          const full = await fill(port, root, keys);
          const prefix = (full[pick % full.length] ?? "").slice(0, root.length + length);
          const expected = full.filter((key) => key.startsWith(prefix));
          assert.deepEqual((await collect(port.list(prefix))).sort(compare), expected.sort(compare));
        }),
        cases,
      );
    },
  },
  {
    id: "list-order",
    title: "list yields keys in ascending order of code units",
    async run({ port, unique, cases }) {
      await fc.assert(
        fc.asyncProperty(names, async (keys) => {
          const root = unique("list");
          await fill(port, root, keys);
          const listed = await collect(port.list(`${root}/`));
          assert.deepEqual(listed, [...listed].sort(compare));
        }),
        cases,
      );
    },
  },
  {
    id: "list-after",
    title: "list with after yields only the keys behind it, whether it is a key or not",
    async run({ port, unique, cases }) {
      await fc.assert(
        fc.asyncProperty(names, segment, async (keys, other) => {
          const root = unique("list");
          const full = await fill(port, root, keys);
          for (const after of [full[0] ?? "", full.at(-1) ?? "", `${root}/${other}`, root, `${root}/~`, "", "~"]) {
            const expected = full.filter((key) => key > after);
            const listed = await collect(port.list(`${root}/`, { after }));
            assert.deepEqual(listed.sort(compare), expected.sort(compare), `after ${after}`);
          }
        }),
        cases,
      );
    },
  },
  {
    id: "list-many",
    title: "list yields every key however many there are",
    async run({ port, unique }) {
      const root = unique("many");
      const numbers = Array.from({ length: MANY_KEYS }, (_, index) => String(index).padStart(10, "0"));
      const full = (await fill(port, root, numbers)).sort(compare);
      assert.deepEqual((await collect(port.list(`${root}/`))).sort(compare), full);
    },
  },
  {
    id: "list-consistent",
    title: "a key written before the call is listed and one deleted before it is not, in every handle",
    async run({ port, another, unique }) {
      const root = unique("consistent");
      const other = await another();
      assert.deepEqual(await collect(port.list(`${root}/`)), []);
      for (let round = 0; round < 10; round++) {
        const [writer, reader] = round % 2 === 0 ? [port, other] : [other, port];
        const [kept, removed] = await fill(writer, root, [`${round}/kept`, `${round}/removed`]);
        assert.deepEqual((await collect(reader.list(`${root}/${round}/`))).sort(compare), [kept, removed]);
        await writer.delete(removed ?? "");
        assert.deepEqual(await collect(reader.list(`${root}/${round}/`)), [kept]);
      }
    },
  },
  {
    id: "list-signal",
    title: "a list whose signal is aborted on the way rejects with the signal's reason at the next key",
    async run({ port, unique }) {
      const root = unique("signal");
      await fill(port, root, ["1", "2", "3"]);
      const reason = new Error("aborted on the way");
      const controller = new AbortController();
      const keys = port.list(`${root}/`, { signal: controller.signal })[Symbol.asyncIterator]();
      assert.equal((await keys.next()).done, false);
      controller.abort(reason);
      await rejectsBecause(reason, () => keys.next());
    },
  },
];
