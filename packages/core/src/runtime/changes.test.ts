import { describe, expect, it } from "vitest";
import { createChanges } from "./changes.js";

describe("whoever waits for a task", () => {
  it("is woken by its next change, and by that of no other task", () => {
    const changes = createChanges();
    const [first, second, other] = [changes.next("a"), changes.next("a"), changes.next("b")];
    changes.notify("a");
    expect([first, second, other].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  });

  it("is woken once: who waits again waits for a further change", () => {
    const changes = createChanges();
    changes.next("a");
    changes.notify("a");
    const again = changes.next("a");
    expect(again.signal.aborted).toBe(false);
    changes.notify("a");
    expect(again.signal.aborted).toBe(true);
  });

  it("is not woken after it stopped waiting, while others still are", () => {
    const changes = createChanges();
    const [gone, there] = [changes.next("a"), changes.next("a")];
    gone.stop();
    changes.notify("a");
    expect([gone.signal.aborted, there.signal.aborted]).toEqual([false, true]);
  });

  it("may stop after it was woken, without a word to those who began to wait since", () => {
    const changes = createChanges();
    const old = changes.next("a");
    changes.notify("a");
    const later = changes.next("a");
    old.stop();
    changes.notify("a");
    expect(later.signal.aborted).toBe(true);
  });

  it("need not be there", () => {
    expect(() => createChanges().notify("a")).not.toThrow();
  });
});
