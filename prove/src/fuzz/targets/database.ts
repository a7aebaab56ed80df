import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRelay, defineAgent, HandoffError, isBackendError } from "@agenthandoff/core";
import { DATABASE_FILE, local } from "@agenthandoff/local";
import type { Mutation } from "../mutate/mutation.js";
import type { Target } from "../target.js";

const PAGE = 4096;
const code = defineAgent({ name: "code", handsTo: [], run: () => "done" });

/** The input holds only what differs from the template: `[offset, length, bytes]…`, since databases are large. */
let template: Buffer | undefined;

/** A directory whose database is not what this package wrote: opening and reading it ends in a named error or a value. */
export const databaseTarget: Target = {
  name: "database",
  async seeds() {
    template ??= await makeTemplate();
    return [new Uint8Array(0), patch(0, Buffer.from("SQLite format 4")), patch(60, Buffer.from([0, 0, 0, 9]))];
  },
  words: ["objects", "messages", "CREATE TABLE", "INTEGER", "STRICT", "\x0d", "\x05", "\x0a", "\x02"],
  mutations: [
    (input, chance) => Buffer.concat([input, patch(chance.below(template?.length ?? PAGE), chance.word())]),
    (input, chance) => Buffer.concat([input, patch(chance.below(200), Uint8Array.of(chance.below(256)))]),
    function header(input, chance) {
      const page = chance.below((template?.length ?? PAGE) / PAGE);
      return Buffer.concat([input, patch(page * PAGE + chance.below(24), Uint8Array.of(chance.below(256)))]);
    },
  ] satisfies Mutation[],
  async run(input) {
    template ??= await makeTemplate();
    const directory = mkdtempSync(join(tmpdir(), "agenthandoff-fuzz-"));
    try {
      writeFileSync(join(directory, DATABASE_FILE), patched(template, input));
      await use(directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function use(directory: string): Promise<void> {
  const backend = local({ directory });
  const failures: unknown[] = [];
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    await act().catch((error: unknown) => {
      if (!isBackendError(error)) failures.push(error);
    });
  };
  try {
    await attempt(async () => {
      for await (const key of backend.store.list("")) await backend.store.get(key);
    });
    await attempt(async () => await backend.store.putIfAbsent("k", Uint8Array.of(1)));
    await attempt(async () => {
      for await (const { taskId } of backend.audit.tasks("relay"))
        for await (const _ of backend.audit.events("relay", taskId));
    });
    await attempt(async () => {
      const queue = { relayId: "relay", agent: "code" };
      for (const { acknowledge } of await backend.transport.receive(queue, { max: 10, waitMs: 0, visibilityMs: 1_000 }))
        await acknowledge();
    });
    const relay = createRelay({ id: "relay", agents: [code], backend });
    for (const act of [
      async () => await relay.task("t").context(),
      async () => await relay.task("t").verify(),
      async () => await relay.start({ to: "code", taskId: "u", input: 1 }),
    ]) {
      await act().catch((error: unknown) => {
        if (!HandoffError.isInstance(error)) failures.push(error);
      });
    }
  } finally {
    await backend.close();
  }
  if (failures.length > 0) throw failures[0];
}

async function makeTemplate(): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), "agenthandoff-fuzz-"));
  try {
    const backend = local({ directory });
    const relay = createRelay({ id: "relay", agents: [code], backend });
    await relay.start({ to: "code", taskId: "t", input: "x" });
    await backend.close();
    return readFileSync(join(directory, DATABASE_FILE));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function patch(offset: number, bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(offset);
  head.writeUInt16LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

function patched(base: Buffer, input: Uint8Array): Buffer {
  const result = Buffer.from(base);
  const patches = Buffer.from(input);
  for (let at = 0; at + 6 <= patches.length; ) {
    const offset = patches.readUInt32LE(at) % result.length;
    const start = at + 6;
    at = start + patches.readUInt16LE(at + 4);
    patches.subarray(start, at).copy(result, offset);
  }
  return result;
}
