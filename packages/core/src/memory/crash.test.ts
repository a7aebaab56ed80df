import { describe, expect, it } from "vitest";
import { type CrashPassing, type CrashPoint, crashAfter, crashCounter } from "./crash.js";

const passing = (changes: Partial<CrashPassing> = {}): CrashPassing => ({
  point: "commit",
  taskId: "t",
  agent: "code",
  hop: 1,
  ...changes,
});

describe("crashAfter", () => {
  it("means the first time that the point is passed, whatever the process works on", () => {
    const diesOf = crashCounter(crashAfter("commit"));
    expect([passing({ point: "audit" }), passing({ agent: undefined, hop: undefined }), passing()].map(diesOf)).toEqual(
      [false, true, false],
    );
  });

  it("means only the agent, the hop and the task that it names", () => {
    const diesOf = crashCounter(crashAfter("commit", { agent: "code", hop: 0, taskId: "t" }));
    const others = [{ agent: "qa" }, { agent: undefined }, { hop: 1 }, { hop: undefined }, { taskId: "u" }];
    const meant = passing({ hop: 0 });
    expect(others.map((other) => diesOf({ ...meant, ...other }))).toEqual(others.map(() => false));
    expect(diesOf(meant)).toBe(true);
  });

  it("counts only what it means, when it means a later time", () => {
    const diesOf = crashCounter(crashAfter("commit", { agent: "code", occurrence: 2 }));
    expect([passing(), passing({ agent: "qa" }), passing()].map(diesOf)).toEqual([false, false, true]);
  });

  it("of nothing never comes", () => {
    expect(crashCounter(undefined)(passing())).toBe(false);
  });

  it("refuses what nobody passes, and says what there is", () => {
    expect(() => crashAfter("comit" as CrashPoint)).toThrow(/nobody passes "comit"; the points are .*commit/);
    expect(() => crashAfter("commit", { occurrence: 0 })).toThrow(/positive whole number/);
    expect(() => crashAfter("commit", { hop: -1 })).toThrow(/a crash's hop/);
  });
});
