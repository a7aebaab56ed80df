import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { traceHeader, traceparentOf } from "./trace-header.js";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const some = (length: number) => hex(length).filter((text) => /[^0]/.test(text));

describe("a trace context", () => {
  it("becomes the header that X-Ray reads", () => {
    expect(traceHeader("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01")).toBe(
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    );
  });

  it("comes back from the header as it was", () => {
    fc.assert(
      fc.property(some(32), some(16), fc.constantFrom("00", "01"), (trace, parent, flags) => {
        const traceparent = `00-${trace}-${parent}-${flags}`;
        expect(traceparentOf(traceHeader(traceparent) ?? "")).toBe(traceparent);
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["a text", "not a trace"],
    ["a trace of zeros", `00-${"0".repeat(32)}-${"b".repeat(16)}-01`],
    ["a parent of zeros", `00-${"a".repeat(32)}-${"0".repeat(16)}-01`],
    ["capital letters", `00-${"A".repeat(32)}-${"b".repeat(16)}-01`],
  ])("that is none (%s) is left out", (_what, traceparent) => {
    expect(traceHeader(traceparent)).toBeUndefined();
  });
});

describe("a trace header", () => {
  it("is read whatever the order of its parts, and whatever else it has", () => {
    const header = "Self=1-1-1; Sampled=0;Parent=53995c3f42cd8ad8;Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a:1";
    expect(traceparentOf(header)).toBe("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00");
  });

  it.each(["", "Root=1-5759e988-bd862e3fe1be46a994272793", "Parent=53995c3f42cd8ad8", "Root;Parent", "=;=;="])(
    "without a trace or a parent (%s) is none",
    (header) => {
      expect(traceparentOf(header)).toBeUndefined();
    },
  );
});
