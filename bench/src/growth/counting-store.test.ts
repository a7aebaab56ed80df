import { memory } from "@agenthandoff/core/memory";
import { describe, expect, it } from "vitest";
import { countingStore } from "./counting-store.js";

const bytes = new Uint8Array(7);

describe("countingStore", () => {
  it("counts what was written, and apart from it a put that found its key taken", async () => {
    const store = countingStore(memory().store);
    expect(await store.putIfAbsent("a", bytes)).toBe("created");
    expect(await store.putIfAbsent("a", bytes)).toBe("exists");
    expect(store.takeCount()).toEqual({ puts: 1, bytesWritten: 7, gets: 0, rounds: 0, others: 1 });
    expect(store.takeCount()).toEqual({ puts: 0, bytesWritten: 0, gets: 0, rounds: 0, others: 0 });
  });

  it("counts gets that are asked side by side as one round, also where nothing is found", async () => {
    const store = countingStore(memory().store);
    await Promise.all([store.get("a"), store.get("b"), store.get("c")]);
    expect(store.takeCount()).toMatchObject({ gets: 3, rounds: 1 });
  });

  it("counts a get that may have waited for an answer as a round more, even while others are under way", async () => {
    const store = countingStore(memory().store);
    const first = store.get("a");
    const beside = first.then(() => Promise.all([store.get("b"), store.get("c")]));
    await Promise.all([first, beside]);
    await store.get("d");
    expect(store.takeCount()).toMatchObject({ gets: 4, rounds: 3 });
  });

  it("counts every other request", async () => {
    const store = countingStore(memory().store);
    await store.overwrite("a", bytes);
    for await (const key of store.list("")) await store.delete(key);
    expect(store.takeCount()).toMatchObject({ puts: 0, others: 3 });
  });
});
