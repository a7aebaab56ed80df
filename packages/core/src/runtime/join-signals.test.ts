import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { joinSignals } from "./join-signals.js";

describe("joined signals", () => {
  it("are aborted with the first of them, and its reason", () => {
    const [a, b] = [new AbortController(), new AbortController()];
    const { signal } = joinSignals(a.signal, b.signal);
    expect(signal.aborted).toBe(false);
    b.abort("b");
    a.abort("a");
    expect(signal.reason).toBe("b");
    expect(joinSignals(new AbortController().signal, a.signal).signal.reason).toBe("a");
    expect(joinSignals().signal.aborted).toBe(false);
  });

  it("leave nothing behind in signals that live on", () => {
    const [a, b] = [new AbortController(), new AbortController()];
    for (let time = 0; time < 100; time++) joinSignals(a.signal, b.signal).release();
    expect([a, b].map(({ signal }) => getEventListeners(signal, "abort").length)).toEqual([0, 0]);
  });
});
