import type { StoredHandoff } from "../../../../packages/core/src/protocol/index.js";
import { SAMPLE_IDENTITY, sampleChain } from "../../../../packages/core/src/protocol/testing/sample-chain.js";

export const IDENTITY: typeof SAMPLE_IDENTITY = SAMPLE_IDENTITY;

/** A chain with one of everything: six hops, of which the last two follow a failure and its retry. */
export function sampleHandoffs(): readonly StoredHandoff[] {
  return sampleChain([
    {
      decision: { kind: "handoff", to: "code", reason: "begin" },
      options: { deadlineMs: 60_000, metadata: { who: "ann" } },
      entries: [{ kind: "input", value: { file: "orders.csv" } }],
    },
    {
      decision: { kind: "handoff", to: "qa" },
      usage: { inputTokens: 5, durationMs: 12 },
      classes: ["langchain.AIMessage"],
      blobs: [{ sha256: "ab".repeat(32), size: 70_000, of: "artifact" }],
      entries: [
        { kind: "message", value: { role: "assistant", content: "hi", tool_calls: [{ name: "look", args: [1] }] } },
        { kind: "artifact", name: "out", mediaType: "text/plain", size: 70_000, sha256: "ab".repeat(32) },
        { kind: "state", name: "n", value: [1, { $ah: "undefined" }] },
      ],
    },
    { decision: { kind: "wait", on: { kind: "answer", question: "go on?" }, until: "2026-02-01T00:00:00.000Z" } },
    { decision: { kind: "handoff", to: "qa" }, by: "ann", entries: [{ kind: "answer", value: { approved: true } }] },
    { decision: { kind: "fail", reason: "no", error: { name: "Error", message: "m", code: "E" } } },
    { decision: { kind: "cancel", reason: "enough" }, by: "bob" },
  ]);
}
