import assert from "node:assert/strict";
import type { ContextStore } from "@agenthandoff/core";
import fc from "fast-check";
import type { ContractPromise } from "../contract-promise.js";
import { abortedSignal, collect, rejectsBecause, rejectsWith, sameBytes } from "../expect.js";
import { text } from "./writes.js";

const LARGE_BYTES = 3 * 1024 * 1024;
const LONGEST_KEY = 512;

export const readPromises: readonly ContractPromise<ContextStore>[] = [
  {
    id: "get-missing",
    title: "get yields undefined for a key that nobody wrote, also beside keys like it",
    async run({ port, unique }) {
      const prefix = unique("missing");
      assert.equal(await port.get(`${prefix}/nothing`), undefined);
      await port.putIfAbsent(`${prefix}/slots/10`, text("ten"));
      for (const near of ["slots/1", "slots/100", "slots", "slots/10/0", "SLOTS/10"]) {
        assert.equal(await port.get(`${prefix}/${near}`), undefined, near);
      }
      assert.equal(await port.get(`${prefix}/slots/1`, { range: { start: 0, end: 1 } }), undefined);
    },
  },
  {
    id: "get-after-write",
    title: "get sees what was written before, in every handle",
    async run({ port, another, unique }) {
      const prefix = unique("seen");
      const other = await another();
      for (let round = 0; round < 20; round++) {
        const key = `${prefix}/${round}`;
        const [writer, reader] = round % 2 === 0 ? [port, other] : [other, port];
        assert.equal(await reader.get(key), undefined);
        await writer.putIfAbsent(key, text(`version ${round}`));
        sameBytes(await reader.get(key), text(`version ${round}`), "the object");
        await reader.overwrite(key, text(`overwritten ${round}`));
        sameBytes(await writer.get(key), text(`overwritten ${round}`), "the overwritten object");
      }
    },
  },
  {
    id: "bytes-exact",
    title: "bytes come back exactly as they were written, whatever they are",
    async run({ port, unique, cases }) {
      const prefix = unique("bytes");
      let count = 0;
      const keeps = async (bytes: Uint8Array): Promise<void> => {
        const key = `${prefix}/${count++}`;
        await port.putIfAbsent(key, bytes);
        sameBytes(await port.get(key), bytes, "the object");
      };
      await keeps(Uint8Array.from({ length: 256 }, (_, index) => index));
      await keeps(Buffer.alloc(LARGE_BYTES, "0123456789abcde"));
      // A view into a larger buffer is what it shows, not what lies behind it.
      await keeps(Buffer.from("before|the view|behind").subarray(7, 15));
      await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), keeps), cases);
    },
  },
  {
    id: "bytes-own",
    title: "what a caller does to its arrays after a write or a get does not change what is stored",
    async run({ port, unique }) {
      const prefix = unique("own");
      const put = text("put by a caller");
      await port.putIfAbsent(`${prefix}/put`, put);
      put.fill(0);
      const overwritten = text("overwritten by a caller");
      await port.overwrite(`${prefix}/overwritten`, overwritten);
      overwritten.fill(0);
      (await port.get(`${prefix}/put`))?.fill(1);
      (await port.get(`${prefix}/put`, { range: { start: 0, end: 3 } }))?.fill(1);
      sameBytes(await port.get(`${prefix}/put`), text("put by a caller"), "the object");
      sameBytes(await port.get(`${prefix}/overwritten`), text("overwritten by a caller"), "the overwritten object");
    },
  },
  {
    id: "range-exact",
    title: "get with a range yields those bytes; what lies past the end is cut",
    async run({ port, unique, cases }) {
      const prefix = unique("range");
      let count = 0;
      const bounds = fc
        .tuple(fc.nat(60), fc.nat(60))
        .map(([one, two]) => ({ start: Math.min(one, two), end: Math.max(one, two) }));
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 50 }), bounds, async (bytes, range) => {
          fc.pre(range.start < bytes.length && range.start < range.end);
          const key = `${prefix}/${count++}`;
          await port.putIfAbsent(key, bytes);
          sameBytes(await port.get(key, { range }), bytes.slice(range.start, range.end), "the range");
        }),
        cases,
      );
    },
  },
  {
    id: "range-past-end",
    title: "get with a range that begins at or after the end yields an empty array",
    async run({ port, unique }) {
      const prefix = unique("range");
      await port.putIfAbsent(`${prefix}/ten`, text("0123456789"));
      await port.putIfAbsent(`${prefix}/empty`, new Uint8Array(0));
      const empty = new Uint8Array(0);
      for (const range of [
        { start: 10, end: 11 },
        { start: 10, end: 1_000 },
        { start: 500, end: 600 },
      ]) {
        sameBytes(await port.get(`${prefix}/ten`, { range }), empty, `the range from ${range.start}`);
      }
      sameBytes(
        await port.get(`${prefix}/empty`, { range: { start: 0, end: 10 } }),
        empty,
        "the range of an empty object",
      );
      sameBytes(await port.get(`${prefix}/ten`, { range: { start: 4, end: 4 } }), empty, "an empty range");
    },
  },
  {
    id: "keys-flat",
    title: "keys are a flat map: one may begin with another, differ from it in case only, or be 512 characters long",
    async run({ port, unique }) {
      const prefix = unique("flat");
      const long = `${prefix}/${"segment-of-a-key-0123456789/".repeat(20)}`.slice(0, LONGEST_KEY - 1);
      const names = ["runs", "runs/1", "runs/1/2", "Runs", "runs/1.x", "runs/1_x", "runs/1-x"];
      const keys = [...names.map((name) => `${prefix}/${name}`), `${long}z`];
      for (const key of keys) assert.equal(await port.putIfAbsent(key, text(key)), "created", key);
      for (const key of keys) sameBytes(await port.get(key), text(key), key);
      await port.delete(`${prefix}/runs`);
      assert.equal(await port.get(`${prefix}/runs`), undefined);
      sameBytes(await port.get(`${prefix}/runs/1`), text(`${prefix}/runs/1`), "a longer key");
    },
  },
  {
    id: "store-read-signal",
    title: "a read whose signal is aborted rejects with the signal's reason",
    async run({ port, unique }) {
      const key = `${unique("signal")}/slot`;
      const { signal, reason } = abortedSignal();
      await port.putIfAbsent(key, text("bytes"));
      await rejectsBecause(reason, () => port.get(key, { signal }));
      await rejectsBecause(reason, () => port.get(key, { signal, range: { start: 0, end: 1 } }));
      await rejectsBecause(reason, () => collect(port.list(key, { signal })));
    },
  },
  {
    id: "store-failure",
    title: "a store that fails rejects with a StoreError and is never taken for an empty one",
    optional: true,
    async run({ broken, unique }) {
      const store = await broken();
      const key = `${unique("failure")}/slot`;
      await rejectsWith("STORE", () => store.get(key));
      await rejectsWith("STORE", () => store.get(key, { range: { start: 0, end: 1 } }));
      await rejectsWith("STORE", () => collect(store.list(key)));
      await rejectsWith("STORE", () => store.putIfAbsent(key, text("bytes")));
      await rejectsWith("STORE", () => store.overwrite(key, text("bytes")));
      await rejectsWith("STORE", () => store.delete(key));
    },
  },
];
