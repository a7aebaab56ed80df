import { seededRandom } from "@agenthandoff/core/memory";
import { describe, expect, it } from "vitest";
import { onceWrong } from "./corpus.js";
import { type FuzzOptions, fuzzTarget } from "./fuzz-target.js";
import { readCoverage } from "./guidance/counters.js";
import { law, type Target } from "./target.js";
import { TARGETS } from "./targets/index.js";

/** The fixed share of CI; `pnpm run prove fuzz --minutes 60` goes where this does not, led by what inputs reach. */
const EXECUTIONS = 1_500;
/** Each opens a database. */
const SLOW: ReadonlySet<string> = new Set(["database", "chain"]);

const fuzz = async (target: Target, executions: number, more: Pick<FuzzOptions, "corpus" | "costs"> = {}) =>
  await fuzzTarget(target, {
    random: seededRandom(1),
    coverage: readCoverage(),
    goOn: (done) => done < executions,
    ...more,
  });

describe("whatever the bytes are", () => {
  it.each(Object.entries(TARGETS))("nothing but a value or an error of ours comes out of: %s", async (name, load) => {
    const target = await load();
    const executions = SLOW.has(name) ? EXECUTIONS / 10 : EXECUTIONS;
    const report = await fuzz(target, executions, { corpus: onceWrong(name) });
    expect(report.findings.map(({ what, input }) => `${what}\n${Buffer.from(input).toString("latin1")}`)).toEqual([]);
    expect(report.executions).toBeGreaterThanOrEqual(executions);
  });
});

describe("the fuzzer", () => {
  const target = (run: Target["run"]): Target => ({
    name: "planted",
    seeds: async () => [Buffer.from("seed")],
    words: ["bad"],
    run,
  });
  const findingsOf = async (run: Target["run"], more?: Pick<FuzzOptions, "costs">) =>
    (await fuzz(target(run), 3_000, more)).findings.map(({ what, input }) => [
      what.split("\n")[0],
      Buffer.from(input).toString(),
    ]);

  it("finds an error that is none of the library's, once, and makes its input short", async () => {
    const found = await findingsOf((input) => {
      if (Buffer.from(input).includes("bad")) throw new TypeError(`not foreseen in ${input.length} bytes`);
    });
    expect(found).toEqual([["TypeError: not foreseen in 3 bytes", "bad"]]);
  });

  it("finds a broken law, in a promise too", async () => {
    const found = await findingsOf(async (input) => law(!Buffer.from(input).includes("bad"), "nothing is bad"));
    expect(found).toEqual([["Error: broken: nothing is bad", "bad"]]);
  });

  it("finds a polluted prototype", async () => {
    const found = await findingsOf((input) => {
      Reflect.deleteProperty(Object.prototype, "polluted");
      if (Buffer.from(input).includes("bad")) Object.assign(Object.prototype, { polluted: true });
    });
    Reflect.deleteProperty(Object.prototype, "polluted");
    expect(found).toEqual([["Error: a prototype was polluted", "bad"]]);
  });

  it("finds an input that takes too long, or too much memory", async () => {
    /** What the first bad input does, and no other: one is enough to be found. */
    const once = (act: () => void): Target["run"] => {
      let done = false;
      return (input) => {
        if (done || !Buffer.from(input).includes("bad")) return;
        done = true;
        act();
      };
    };
    const costs = { milliseconds: 500, bytes: 2 ** 26 };
    const wait = (): void => {
      const before = process.cpuUsage();
      for (let spent = 0; spent < 600_000; ) {
        const { user, system } = process.cpuUsage(before);
        spent = user + system;
      }
    };
    const slow = await findingsOf(once(wait), { costs });
    expect(slow).toEqual([[expect.stringMatching(/too slow: it took \d+ ms/), expect.stringContaining("bad")]]);
    const kept: Uint8Array[] = [];
    const fill = (): void => void kept.push(Buffer.alloc(2 ** 27, 1));
    const large = await findingsOf(once(fill), { costs });
    expect(large).toEqual([[expect.stringMatching(/too large: the process grew/), expect.stringContaining("bad")]]);
  });
});
