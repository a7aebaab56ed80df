import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../codec/index.js";
import type { RelayEnvironment } from "../environment.js";
import { taskChain } from "../testing/task-chain.js";
import { findRequest, requestIdOf } from "./request-id.js";

const environment = { codec: createCodec() } as RelayEnvironment;
const request = { operation: "resume", head: "abc", arguments: { answer: 1n } };

describe("a request's id", () => {
  it("is the hash of the canonical request, so that the same request is the same", () => {
    const text = '{"arguments":{"answer":{"$ah":"bigint","value":"1"}},"head":"abc","operation":"resume"}';
    const id = createHash("sha256").update(text).digest("hex");
    expect(requestIdOf(environment, request)).toBe(id);
    expect(requestIdOf(environment, { arguments: { answer: 1n }, head: "abc", operation: "resume" })).toBe(id);
    for (const other of [{ operation: "retry" }, { head: null }, { arguments: { answer: 1 } }])
      expect(requestIdOf(environment, { ...request, ...other })).not.toBe(id);
  });

  it("is the caller's own key where there is one, as it is", () => {
    expect(requestIdOf(environment, request, "order-42")).toBe("order-42");
    expect(requestIdOf(environment, request, "~!".repeat(64))).toHaveLength(128);
  });

  it.each(["", "a b", "a\n", "\u00e9", "x".repeat(129), " x"])("is never %j, which no audit could keep", (key) => {
    expect(() => requestIdOf(environment, request, key)).toThrow(
      expect.objectContaining({ code: "INVALID_ID", message: expect.stringContaining("a request id") }),
    );
  });

  it("finds the hop that bears it", () => {
    const chain = taskChain([
      { decision: { kind: "handoff", to: "qa" }, requestId: "first" },
      { decision: { kind: "handoff", to: "code" } },
      { decision: { kind: "cancel" }, requestId: "last" },
    ]);
    expect(["first", "last", "none"].map((id) => findRequest(chain, id))).toEqual([0, 2, undefined]);
  });
});
