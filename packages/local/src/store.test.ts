import { ContextTooLargeError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { MAX_OBJECT_BYTES } from "./limits.js";
import { testDirectory } from "./testing/directory.js";

describe("the store", () => {
  it("refuses an object that SQLite could not keep, before anything is written", async () => {
    await using directory = testDirectory();
    const { store } = directory.open();
    // Zeros that are never touched, and so take no memory.
    const bytes = new Uint8Array(MAX_OBJECT_BYTES + 1);
    await expect(store.putIfAbsent("key", bytes)).rejects.toBeInstanceOf(ContextTooLargeError);
    await expect(store.overwrite("key", bytes)).rejects.toThrow(/999000000 bytes; split it/);
    expect(await store.get("key")).toBeUndefined();
  });
});
