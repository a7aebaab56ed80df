import { describe, expect, it } from "vitest";
import { type Decision, type HandoffRecord, serializeEnvelope } from "../protocol/index.js";
import { sampleChain } from "../protocol/testing/sample-chain.js";
import { committedEvent } from "./audit/events.js";
import { beyondLimits, refuseBeyondLimits } from "./limits.js";
import { envelopeFor } from "./send.js";
import { createBed } from "./testing/bed.js";
import { finishes } from "./testing/scripted-agent.js";
import { chainOf } from "./testing/task-chain.js";

/** A relay with these limits, and a handoff that is about to fill slot 1. */
function about(
  decision: Decision,
  limits: { maxHops?: number; maxContextBytes?: number; maxMessageBytes?: number; maxEventBytes?: number } = {},
  given: Partial<HandoffRecord> = {},
) {
  const { environment } = createBed({ agents: [finishes("qa"), finishes("code")], ...limits });
  const [first, handoff] = sampleChain([{ decision: { kind: "handoff", to: "qa" } }, { decision, ...given }]);
  if (first === undefined || handoff === undefined) throw new Error("no handoff");
  const chain = chainOf([first]);
  const built = { handoff, blobs: new Map() };
  return { environment, chain, handoff, found: () => beyondLimits(environment, chain, built), built };
}

const toCode: Decision = { kind: "handoff", to: "code" };

describe("what is about to be committed", () => {
  it("may fill every limit to the last byte, and not go one beyond", () => {
    const { environment, chain, handoff } = about(toCode);
    const envelope = envelopeFor(environment, handoff);
    if (envelope === undefined) throw new Error("no envelope");
    for (const [name, size, what] of [
      ["maxContextBytes", chain.rawBytes + handoff.raw.length, "the task's context (maxContextBytes)"],
      ["maxMessageBytes", serializeEnvelope(envelope).length, "the envelope"],
      ["maxEventBytes", Buffer.byteLength(JSON.stringify(committedEvent(handoff))), "the audit event"],
    ] as const) {
      expect(about(toCode, { [name]: size }).found(), name).toBeUndefined();
      expect(about(toCode, { [name]: size - 1 }).found(), name).toMatchObject({
        code: "CONTEXT_TOO_LARGE",
        message: expect.stringContaining(what),
      });
    }
  });

  it("counts an event's bytes, not its characters", () => {
    const wide: Decision = { kind: "complete", reason: "é".repeat(500) };
    const { handoff } = about(wide);
    const bytes = Buffer.byteLength(JSON.stringify(committedEvent(handoff)));
    expect(about(wide, { maxEventBytes: bytes }).found()).toBeUndefined();
    expect(about(wide, { maxEventBytes: bytes - 1 }).found()).toBeDefined();
  });

  it("may hand on up to maxHops, and end the task there", () => {
    expect(about(toCode, { maxHops: 2 }).found()).toBeUndefined();
    expect(about(toCode, { maxHops: 1 }).found()).toMatchObject({
      code: "INVALID_TRANSITION",
      message: expect.stringContaining("beyond 1 hops (maxHops)"),
    });
    expect(about({ kind: "complete" }, { maxHops: 1 }).found()).toBeUndefined();
  });

  it("sends no envelope where nobody runs next, so that none can be too large", () => {
    expect(about({ kind: "complete" }, { maxMessageBytes: 1 }).found()).toBeUndefined();
  });

  it.each<Decision>([{ kind: "fail", reason: "no" }, { kind: "cancel" }])("may always be $kind", (decision) => {
    const nothing = { maxContextBytes: 1, maxMessageBytes: 1, maxEventBytes: 1, maxHops: 1 };
    expect(about(decision, nothing).found()).toBeUndefined();
  });

  it("is refused at the sender with the reason", () => {
    const { environment, chain, built } = about(toCode, { maxContextBytes: 1 });
    expect(() => refuseBeyondLimits(environment, chain, built)).toThrow(
      expect.objectContaining({ code: "CONTEXT_TOO_LARGE" }),
    );
    const fits = about(toCode);
    expect(() => refuseBeyondLimits(fits.environment, fits.chain, fits.built)).not.toThrow();
  });
});
