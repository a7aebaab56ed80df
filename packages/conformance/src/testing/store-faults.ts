import { setImmediate as turn } from "node:timers/promises";
import type { ContextStore } from "@agenthandoff/core";
import { collect } from "../expect.js";
import { type Fault, fault } from "./fault.js";

/** What `list` yields, changed. */
async function* listed(
  store: ContextStore,
  [prefix, options]: Parameters<ContextStore["list"]>,
  change: (keys: string[]) => string[],
): AsyncGenerator<string> {
  for (const key of change(await collect(store.list(prefix, options)))) {
    options?.signal?.throwIfAborted();
    yield key;
  }
}

const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length >>> 1);

export const storeFaults: readonly Fault<ContextStore>[] = [
  fault(
    "putIfAbsent overwrites",
    ["put-keeps", "put-keeps-empty", "put-one-winner", "put-one-winner-across-handles"],
    (store) => ({
      async putIfAbsent(key, bytes, options) {
        await store.overwrite(key, bytes, options);
        return "created";
      },
    }),
  ),
  fault(
    "putIfAbsent answers exists and overwrites all the same",
    ["put-keeps", "put-keeps-empty", "put-one-winner", "put-one-winner-across-handles"],
    (store) => ({
      async putIfAbsent(key, bytes, options) {
        const answer = await store.putIfAbsent(key, bytes, options);
        if (answer === "exists") await store.overwrite(key, bytes, options);
        return answer;
      },
    }),
  ),
  fault("putIfAbsent looks first and writes then", ["put-one-winner", "put-one-winner-across-handles"], (store) => ({
    async putIfAbsent(key, bytes, options) {
      if ((await store.get(key, options)) !== undefined) return "exists";
      await turn();
      await store.overwrite(key, bytes, options);
      return "created";
    },
  })),
  {
    what: "putIfAbsent is atomic in its own process only",
    breaks: ["put-one-winner-across-handles"],
    plant: () => (store) => {
      let queue: Promise<unknown> = Promise.resolve();
      return {
        ...store,
        putIfAbsent(key, bytes, options) {
          const put = queue.then(async () => {
            if ((await store.get(key, options)) !== undefined) return "exists";
            await turn();
            await store.overwrite(key, bytes, options);
            return "created";
          });
          queue = put.catch(() => undefined);
          return put;
        },
      };
    },
  },
  fault("putIfAbsent takes an empty object for none", ["put-keeps-empty"], (store) => ({
    async putIfAbsent(key, bytes, options) {
      if ((await store.get(key))?.length === 0) await store.delete(key);
      return await store.putIfAbsent(key, bytes, options);
    },
  })),
  fault("putIfAbsent writes in parts", ["put-whole"], (store) => ({
    async putIfAbsent(key, bytes, options) {
      const answer = await store.putIfAbsent(key, half(bytes), options);
      if (answer === "exists") return answer;
      await turn();
      await store.overwrite(key, bytes, options);
      return answer;
    },
  })),
  fault("overwrite writes in parts", ["overwrite-whole"], (store) => ({
    async overwrite(key, bytes, options) {
      await store.overwrite(key, half(bytes), options);
      await turn();
      await store.overwrite(key, bytes, options);
    },
  })),
  fault("overwrite leaves what is there", ["overwrite-replaces", "overwrite-whole", "get-after-write"], (store) => ({
    async overwrite(key, bytes, options) {
      await store.putIfAbsent(key, bytes, options);
    },
  })),
  {
    what: "the stored array is the caller's",
    breaks: ["bytes-own"],
    plant: (data) => (store) => ({
      ...store,
      async overwrite(key, bytes, options) {
        await store.overwrite(key, bytes, options);
        data.objects.set(key, { bytes, mediaType: undefined });
      },
    }),
  },
  {
    what: "the array that get yields is the stored one",
    breaks: ["bytes-own"],
    plant: (data) => (store) => ({
      ...store,
      async get(key, options) {
        const copy = await store.get(key, options);
        return options === undefined ? data.objects.get(key)?.bytes : copy;
      },
    }),
  },
  fault("bytes are kept as text", ["bytes-exact", "range-exact"], (store) => ({
    putIfAbsent: (key, bytes, options) =>
      store.putIfAbsent(key, new TextEncoder().encode(new TextDecoder().decode(bytes)), options),
  })),
  fault("a view is kept with the buffer behind it", ["bytes-exact"], (store) => ({
    putIfAbsent: (key, bytes, options) =>
      store.putIfAbsent(
        key,
        bytes instanceof Buffer && bytes.length < 100 ? new Uint8Array(bytes.buffer) : bytes,
        options,
      ),
  })),
  {
    what: "a handle remembers that a key was missing",
    breaks: ["put-whole", "overwrite-whole", "delete-removes", "get-after-write"],
    plant: () => (store) => {
      const missing = new Set<string>();
      return {
        ...store,
        async get(key, options) {
          if (missing.has(key)) return undefined;
          const bytes = await store.get(key, options);
          if (bytes === undefined) missing.add(key);
          return bytes;
        },
        async putIfAbsent(key, bytes, options) {
          missing.delete(key);
          return await store.putIfAbsent(key, bytes, options);
        },
      };
    },
  },
  fault("get takes a failure for a missing key", ["store-failure"], (store) => ({
    async get(key, options) {
      options?.signal?.throwIfAborted();
      return await store.get(key, options).catch(() => undefined);
    },
  })),
  fault("get ignores the range", ["range-exact", "range-past-end"], (store) => ({
    get: (key, { range: _, ...options } = {}) => store.get(key, options),
  })),
  fault("get takes the range's end as inclusive", ["range-exact", "range-past-end"], (store) => ({
    get: (key, { range, ...options } = {}) =>
      store.get(key, range === undefined ? options : { ...options, range: { start: range.start, end: range.end + 1 } }),
  })),
  fault("get refuses a range past the end", ["range-past-end"], (store) => ({
    async get(key, options) {
      const bytes = await store.get(key, options);
      if (options?.range !== undefined && bytes?.length === 0) throw new Error("416 Range Not Satisfiable");
      return bytes;
    },
  })),
  fault("keys differ in case only on paper", ["get-missing", "keys-flat", "list-after", "list-prefix"], (store) => ({
    putIfAbsent: (key, bytes, options) => store.putIfAbsent(key.toLowerCase(), bytes, options),
    get: (key, options) => store.get(key.toLowerCase(), options),
    overwrite: (key, bytes, options) => store.overwrite(key.toLowerCase(), bytes, options),
    delete: (key, options) => store.delete(key.toLowerCase(), options),
  })),
  fault("long keys are cut", ["keys-flat"], (store) => ({
    putIfAbsent: (key, bytes, options) => store.putIfAbsent(key.slice(0, 255), bytes, options),
  })),
  fault("list is unsorted", ["list-order"], (store) => ({
    list: (...call) => listed(store, call, (keys) => keys.reverse()),
  })),
  fault("list sorts by locale", ["list-order"], (store) => ({
    list: (...call) => listed(store, call, (keys) => keys.sort((left, right) => left.localeCompare(right))),
  })),
  fault("list ignores after", ["list-after"], (store) => ({
    list: (prefix, { after: _, ...options } = {}) => store.list(prefix, options),
  })),
  fault("list includes after", ["list-after"], (store) => ({
    async *list(prefix, options) {
      const after = options?.after;
      if (after?.startsWith(prefix) && (await store.get(after)) !== undefined) yield after;
      yield* store.list(prefix, options);
    },
  })),
  fault("list stops after one page", ["list-many"], (store) => ({
    list: (...call) => listed(store, call, (keys) => keys.slice(0, 1_000)),
  })),
  fault("list takes the prefix for a folder", ["list-prefix"], (store) => ({
    list: (...call) =>
      listed(store, call, (keys) =>
        keys.filter((key) => call[0].endsWith("/") || key === call[0] || key[call[0].length] === "/"),
      ),
  })),
  {
    what: "list still yields what was deleted",
    breaks: ["list-consistent"],
    plant: () => {
      const deleted: string[] = [];
      return (store) => ({
        ...store,
        async delete(key, options) {
          await store.delete(key, options);
          deleted.push(key);
        },
        list: (...call) =>
          listed(store, call, (keys) => [...keys, ...deleted.filter((key) => key.startsWith(call[0]))].sort()),
      });
    },
  },
  fault("list looks at the signal once", ["list-signal"], (store) => ({
    async *list(prefix, options) {
      yield* await collect(store.list(prefix, options));
    },
  })),
  fault("delete of a missing key rejects", ["delete-missing"], (store) => ({
    async delete(key, options) {
      if ((await store.get(key, options)) === undefined) throw new Error("404 Not Found");
      await store.delete(key, options);
    },
  })),
  fault("writes ignore the signal", ["store-write-signal"], (store) => ({
    putIfAbsent: (key, bytes) => store.putIfAbsent(key, bytes),
  })),
  fault("reads ignore the signal", ["store-read-signal"], (store) => ({
    get: (key, { signal: _, ...options } = {}) => store.get(key, options),
  })),
  fault("an object with a media type is not written", ["put-creates", "overwrite-replaces"], (store) => ({
    putIfAbsent: async (key, bytes, options) =>
      options?.mediaType === undefined ? await store.putIfAbsent(key, bytes, options) : "created",
    async overwrite(key, bytes, options) {
      if (options?.mediaType === undefined) await store.overwrite(key, bytes, options);
    },
  })),
];
