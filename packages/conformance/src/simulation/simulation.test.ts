import { describe, expect, it } from "vitest";
import { ALL_FAULTS, faultsOf, NO_FAULTS, plannedFaults } from "./faults.js";
import { SMALL_SCENARIO } from "./scenario.js";
import { shrink } from "./shrink.js";
import { simulate } from "./simulate.js";

describe("the simulation", () => {
  it("gives the same run for the same seed, operation by operation", async () => {
    const [first, second, other] = [
      await simulate({ seed: 7 }),
      await simulate({ seed: 7 }),
      await simulate({ seed: 8 }),
    ];
    expect(second).toEqual(first);
    expect(other.traceHash).not.toBe(first.traceHash);
  });

  it("finds nothing wrong in random worlds with a reconciler", async () => {
    for (let seed = 1; seed <= 60; seed++) expect(await simulate({ seed })).toMatchObject({ seed, violations: [] });
  });

  it("finds no fault that only the full walk would mend", async () => {
    for (let seed = 61; seed <= 90; seed++)
      expect(await simulate({ seed, fullWalk: false })).toMatchObject({ seed, violations: [] });
  });

  it("finds nothing unsafe without any reconciler", async () => {
    for (let seed = 91; seed <= 110; seed++)
      expect(await simulate({ seed, reconciler: false })).toMatchObject({ seed, violations: [] });
  });

  it("lets workers of two versions stand side by side, and leaves what is newer to the newer ones", async () => {
    let notUnderstood = 0;
    for (let seed = 3; seed <= 303; seed += 10) {
      const report = await simulate({ seed });
      expect(report).toMatchObject({ seed, violations: [] });
      notUnderstood += report.notUnderstood;
    }
    expect(notUnderstood).toBeGreaterThan(10);
  });

  it("removes and spoils slots, which the relay finds, never fills, and forgets when they are restored", async () => {
    let damaged = 0;
    for (let seed = 5; seed <= 205; seed += 10) {
      const report = await simulate({ seed });
      expect(report).toMatchObject({ seed, violations: [] });
      damaged += report.damaged;
    }
    expect(damaged).toBeGreaterThan(2);
  });

  it("makes things go wrong: processes die and operations fail", async () => {
    const reports = await Promise.all(Array.from({ length: 20 }, (_, index) => simulate({ seed: index + 1 })));
    expect(reports.reduce((sum, report) => sum + report.crashes, 0)).toBeGreaterThan(10);
    expect(reports.reduce((sum, report) => sum + report.faults.length, 0)).toBeGreaterThan(50);
  });

  it("runs each step once and sends one message a step when nothing goes wrong", async () => {
    const lines: string[] = [];
    await simulate({ seed: 1, scenario: SMALL_SCENARIO, faults: NO_FAULTS, onTrace: (line) => lines.push(line) });
    // Three steps, and the one that asked runs again with the answer.
    expect(lines.filter((line) => line.startsWith("run "))).toHaveLength(4);
    expect(lines.filter((line) => line.includes(" queue.send "))).toHaveLength(4);
  });

  it("lets a stranger write to the queues, whose messages change nothing", async () => {
    const lines: string[] = [];
    const { violations } = await simulate({
      seed: 1,
      scenario: { ...SMALL_SCENARIO, forgedOneIn: 1 },
      faults: NO_FAULTS,
      onTrace: (line) => lines.push(line),
    });
    expect(violations).toEqual([]);
    // What is forged of a hop that has passed is acknowledged, and nothing more.
    expect(lines.filter((line) => line.includes("#refused"))).not.toHaveLength(0);
    expect(lines.filter((line) => line.startsWith("run "))).toHaveLength(4);
  });

  it("starts a task by a producer's object, once, whatever single thing goes wrong with its first operations", async () => {
    const scenario = { ...SMALL_SCENARIO, tasks: SMALL_SCENARIO.tasks.map((task) => ({ ...task, byProducer: true })) };
    const lines: string[] = [];
    await simulate({ seed: 1, scenario, faults: NO_FAULTS, onTrace: (line) => lines.push(line) });
    expect(lines.filter((line) => line.includes("queue.send") && line.includes("producer"))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith("run "))).toHaveLength(4);
    for (let number = 1; number <= 16; number++)
      for (const fault of ALL_FAULTS) {
        const { violations } = await simulate({ seed: 1, scenario, faults: plannedFaults(new Map([[number, fault]])) });
        expect({ number, fault, violations }).toEqual({ number, fault, violations: [] });
      }
  });

  it("lets go wrong with each operation only what can: a read has no reply that is lost after its effect", () => {
    expect(faultsOf({ name: "get" })).not.toContain("lost-reply");
    expect(faultsOf({ name: "put" })).toContain("conflict");
    expect(faultsOf({ name: "send" })).toEqual(expect.arrayContaining(["lose", "late", "double"]));
  });

  it("shrinks a failing run to the faults that it needs", async () => {
    // A relay that acknowledges nothing cannot be told from a slow one; one whose store lies can.
    const options = { seed: 3, scenario: SMALL_SCENARIO, faults: plannedFaults(new Map([[5, "fail"]])) } as const;
    const report = await simulate(options);
    expect(report.violations).toEqual([]);
    expect(await shrink(options, report)).toBeUndefined();
  });
});
