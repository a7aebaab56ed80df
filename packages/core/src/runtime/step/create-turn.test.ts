import { describe, expect, it } from "vitest";
import type { Turn } from "../agent/turn.js";
import { createBed } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";

/** The keys of each run of an agent that calls its tools in this way. */
async function keysOf(calls: (turn: Turn, run: number) => readonly string[], runs: number, taskId = "t") {
  const keys: (readonly string[])[] = [];
  const qa = scriptedAgent("qa", (turn, run) => {
    keys.push(calls(turn, run));
    if (run < runs) throw new Error("again");
    return "done";
  });
  const bed = createBed({ agents: [qa], maxAttempts: 2 });
  const task = await bed.relay.start({ to: "qa", taskId });
  return { keys, bed, task };
}

describe("an idempotency key", () => {
  it("is equal in every attempt that makes the same call, and after a retry, whoever runs it", async () => {
    const { keys, bed, task } = await keysOf(
      (turn) => [turn.idempotencyKey("pay", { cents: 5, to: new Map([["a", 1n]]) })],
      3,
    );
    await bed.deliver("qa");
    await bed.another().deliver("qa");
    await task.retry({ head: (await task.head()).head });
    await bed.deliver("qa");
    expect(keys).toHaveLength(3);
    expect(new Set(keys.flat()).size).toBe(1);
    expect(keys[0]?.[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it("does not depend on the order of an object's names, nor on how its parts are shared", async () => {
    const shared = { deep: 1 };
    const { keys, bed } = await keysOf(
      (turn, run) => [
        run === 1
          ? turn.idempotencyKey("pay", { a: shared, b: shared })
          : turn.idempotencyKey("pay", { b: { deep: 1 }, a: { deep: 1 } }),
      ],
      2,
    );
    await bed.deliver("qa");
    await bed.deliver("qa");
    expect(keys[0]).toEqual(keys[1]);
  });

  it("differs by task, tool, arguments, and by occurrence among identical calls", async () => {
    const calls = (turn: Turn) => [
      turn.idempotencyKey("pay", 1),
      turn.idempotencyKey("pay", 1),
      turn.idempotencyKey("pay", 1n),
      turn.idempotencyKey("pay", "1"),
      turn.idempotencyKey("refund", 1),
      turn.idempotencyKey("pay", undefined),
      turn.idempotencyKey("pay", null),
    ];
    const [one, other] = [await keysOf(calls, 1), await keysOf(calls, 1, "u")];
    await one.bed.deliver("qa");
    await other.bed.deliver("qa");
    expect(new Set([...one.keys.flat(), ...other.keys.flat()]).size).toBe(14);
  });

  it("differs by step: the same call in another hop is another call", async () => {
    const keys: string[] = [];
    const qa = scriptedAgent(
      "qa",
      (turn, run) => {
        keys.push(turn.idempotencyKey("pay", 1));
        return run === 1 ? turn.handoff("qa") : "done";
      },
      { handsTo: ["qa"] },
    );
    const bed = createBed({ agents: [qa] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    await bed.deliver("qa");
    expect(new Set(keys).size).toBe(2);
  });

  it("is refused for arguments that cannot be written as canonical JSON", async () => {
    const errors: unknown[] = [];
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const { bed } = await keysOf((turn) => {
      for (const bad of [cycle, () => {}, "x".repeat(17 * 1024 * 1024)]) {
        try {
          turn.idempotencyKey("pay", bad);
        } catch (error) {
          errors.push(error);
        }
      }
      return [];
    }, 1);
    await bed.deliver("qa");
    expect(errors).toMatchObject([
      { code: "NOT_SERIALIZABLE" },
      { code: "NOT_SERIALIZABLE" },
      { code: "CONTEXT_TOO_LARGE" },
    ]);
  });
});
