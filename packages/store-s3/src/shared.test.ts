import { expect, it } from "vitest";
import { shared } from "./shared.js";

function controlled(): { act: () => Promise<void>; runs: { end(): void; fail(error: Error): void }[] } {
  const runs: { end(): void; fail(error: Error): void }[] = [];
  return {
    runs,
    act: () =>
      new Promise<void>((resolve, reject) => {
        runs.push({ end: resolve, fail: reject });
      }),
  };
}

it("is done once for all who ask, also after it has succeeded", async () => {
  const { act, runs } = controlled();
  const ask = shared(act);
  const both = Promise.all([ask(), ask(new AbortController().signal)]);
  runs[0]?.end();
  await both;
  await ask();
  expect(runs).toHaveLength(1);
});

it("is done again after it has failed", async () => {
  const { act, runs } = controlled();
  const ask = shared(act);
  const first = ask();
  runs[0]?.fail(new Error("an outage"));
  await expect(first).rejects.toThrow("an outage");
  const second = ask();
  runs[1]?.end();
  await second;
});

it("goes on for the others when one gives up", async () => {
  const { act, runs } = controlled();
  const ask = shared(act);
  const controller = new AbortController();
  const one = ask(controller.signal);
  const other = ask();
  controller.abort("enough");
  await expect(one).rejects.toBe("enough");
  runs[0]?.end();
  await other;
});

it("does not begin for one who has given up before", async () => {
  const { act, runs } = controlled();
  await expect(shared(act)(AbortSignal.abort("enough"))).rejects.toBe("enough");
  expect(runs).toHaveLength(0);
});
