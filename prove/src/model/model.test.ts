import { beforeAll, describe, expect, it } from "vitest";
import { MODEL_MUTANTS } from "./mutants.js";
import { proveModel, SEARCHES } from "./prove-model.js";
import { check, missingPrograms, readModel } from "./spin.js";

// The fixed share of CI; `pnpm run prove model` tries every mutant, and `--large` larger worlds.
const missing = await missingPrograms();
const reason = `the model of the protocol needs ${missing.join(" and ")}: apt-get install -y ${missing.join(" ")}`;
const skipped = missing.length > 0 && process.env.CI !== "true";
if (skipped) console.warn(`skipped: ${reason}`);

describe.skipIf(skipped)("the model of the protocol", () => {
  beforeAll(() => {
    if (missing.length > 0) throw new Error(reason);
  });

  it("holds in every state within the bound, and every step of it is taken", async () => {
    const proof = await proveModel({ mutants: [] });
    expect(proof).toMatchObject({ violations: 0, unreached: [] });
    expect(proof.searches).toHaveLength(SEARCHES.length);
    expect(proof.states).toBeGreaterThan(1_000_000);
  }, 600_000);

  it("can fail: a share of its mutants, each is found out", async () => {
    const model = await readModel();
    const share = MODEL_MUTANTS.filter((_, index) => index % 3 === 0);
    const proof = await proveModel({ searches: [], mutants: share });
    expect(proof.mutants).toEqual({ killed: share.length, total: share.length });
    for (const { name, find } of MODEL_MUTANTS) expect(model.split(find), name).toHaveLength(2);
  }, 600_000);

  it("is told by the step that breaks it, and by the name that the simulation gives it", async () => {
    const mutant = (await readModel()).replace(
      ":: slot[hop] == EMPTY -> fill(hop, why);",
      ":: true -> fill(hop, why);",
    );
    const bound = { slots: 4, workers: 2, operators: 1, calls: 1, faults: 1 } as const;
    const { violation } = await check(mutant, bound, "invariants", { quick: true });
    expect(violation).toMatchObject({ invariant: "I1" });
    expect(violation?.steps.at(-1)).toMatch(/^\w+ \d, line \d+: assert\(\(slot\[.*==0\)\)$/);
  }, 600_000);

  it("is no proof when the search was cut short", async () => {
    const bound = { slots: 4, workers: 2, operators: 1, calls: 2, faults: 2 } as const;
    await expect(check(await readModel(), bound, "invariants", { quick: true, maxMemoryMb: 150 })).rejects.toThrow(
      /not exhaustive/,
    );
  }, 600_000);
});
