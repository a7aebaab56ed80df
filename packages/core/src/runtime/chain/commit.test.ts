import { describe, expect, it } from "vitest";
import { buildHandoff } from "../build-handoff.js";
import { createBed } from "../testing/bed.js";
import { finishes } from "../testing/scripted-agent.js";
import { commit } from "./commit.js";
import { readToHead } from "./head.js";

describe("a commit", () => {
  it("that no reader would accept is refused before anything is written", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const chain = await readToHead(bed.environment, "t");
    for (const parts of [
      { decision: { kind: "complete" }, fromAgent: "somebody" },
      { decision: { kind: "complete" }, fromAgent: null },
      { decision: { kind: "handoff", to: "qa" }, fromAgent: null },
      { decision: { kind: "cancel" }, fromAgent: null, step: 7 },
    ] as const) {
      const { handoff } = buildHandoff(bed.environment, chain, parts);
      await expect(commit(bed.environment, chain, handoff)).rejects.toMatchObject({ code: "CONTEXT_INTEGRITY" });
    }
    expect(bed.trace).not.toContain("put slot:1");
    expect(await bed.decisions("t")).toEqual(["handoff"]);
  });

  it("of any number that race fills the slot once, and tells the others by whom", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const chain = await readToHead(bed.environment, "t");
    const racers = Array.from({ length: 8 }, () =>
      buildHandoff(bed.environment, chain, { decision: { kind: "cancel" }, fromAgent: null }),
    );
    const outcomes = await Promise.all(racers.map(({ handoff }) => commit(bed.environment, chain, handoff)));
    expect(outcomes.filter(({ status }) => status === "committed")).toHaveLength(1);
    const { commitId } = await bed.head("t");
    for (const outcome of outcomes)
      if (outcome.status === "superseded") expect(outcome.by.record.commitId).toBe(commitId);
  });
});
