import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fakeClock } from "./fake-clock.js";

describe("fakeClock", () => {
  it("stands still until it is advanced", async () => {
    const clock = fakeClock({ now: 1_000 });
    let woken = false;
    void clock.sleep(1).then(() => {
      woken = true;
    });
    await clock.advance(0);
    expect([clock.now(), woken, clock.pending]).toEqual([1_000, false, 1]);
    await clock.advance(1);
    expect([clock.now(), woken, clock.pending]).toEqual([1_001, true, 0]);
  });

  it("ends sleeps in the order of their times, and of their beginning where those are equal, each at its own time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 10 }), async (lengths) => {
        const clock = fakeClock({ now: 0 });
        const woken: [number, number][] = [];
        for (const [index, ms] of lengths.entries()) void clock.sleep(ms).then(() => woken.push([clock.now(), index]));
        await clock.advance(20);
        const expected = lengths.map((ms, index): [number, number] => [ms, index]);
        expect(woken).toEqual(expected.sort(([oneMs, one], [otherMs, other]) => oneMs - otherMs || one - other));
        expect([clock.now(), clock.pending]).toEqual([20, 0]);
      }),
      { numRuns: 50 },
    );
  });

  it("lets what a sleep sets off sleep again and be woken on the same way", async () => {
    const clock = fakeClock({ now: 0 });
    const times: number[] = [];
    async function tick(): Promise<void> {
      for (let count = 0; count < 5; count++) {
        await clock.sleep(10);
        await new Promise<void>((resolve) => setImmediate(resolve));
        times.push(clock.now());
      }
    }
    const ticking = tick();
    await clock.advance(100);
    await ticking;
    expect(times).toEqual([10, 20, 30, 40, 50]);
  });

  it("does not sleep for no time", async () => {
    const clock = fakeClock();
    await clock.sleep(0);
    await clock.sleep(-5);
    expect(clock.pending).toBe(0);
  });

  it("rejects a sleep with its signal's reason, before and while it sleeps", async () => {
    const clock = fakeClock();
    const reason = new Error("enough");
    await expect(clock.sleep(10, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});

describe("fakeClock().until", () => {
  it("moves time just as far as a promise needs, and settles as it does", async () => {
    const clock = fakeClock({ now: 0 });
    const work = async () => {
      await clock.sleep(60_000);
      await clock.sleep(60_000);
      return "done";
    };
    void clock.sleep(300_000);
    expect(await clock.until(work())).toBe("done");
    expect(clock.now()).toBe(120_000);
    await expect(clock.until(Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect([clock.now(), clock.pending]).toEqual([120_000, 1]);
  });

  it("waits, without moving time, while nothing sleeps", async () => {
    const clock = fakeClock({ now: 0 });
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const ending = clock.until(begun.then(() => clock.sleep(5)));
    const [turns] = await Promise.all([100, clock.advance(0)]);
    for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(0);
    begin();
    await ending;
    expect(clock.now()).toBe(5);
  });

  it("serves several who wait, each until its own promise settles", async () => {
    const clock = fakeClock({ now: 0 });
    const times: number[] = [];
    const note = () => void times.push(clock.now());
    await Promise.all([30, 10, 20].map((ms) => clock.until(clock.sleep(ms)).then(note)));
    expect(times).toEqual([10, 20, 30]);
  });

  it("gives up, and says so, when time moves on and on", async () => {
    const clock = fakeClock({ now: 0 });
    const tick = async (): Promise<void> => {
      for (;;) await clock.sleep(1_000);
    };
    void tick();
    await expect(clock.until(new Promise(() => {}), { limitMs: 60_000 })).rejects.toThrow(
      /has not settled within 60000 ms/,
    );
    expect(clock.now()).toBe(60_000);
  });
});
