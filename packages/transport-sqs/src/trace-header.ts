const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})/;
const NOTHING = /^0+$/;

/**
 * X-Ray's form of a W3C `traceparent`, as the AWSTraceHeader of a message: X-Ray and Lambda go on with the trace.
 * `undefined` for what is no trace context. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html
 */
export function traceHeader(traceparent: string): string | undefined {
  const [, epoch = "", unique = "", parent = "", flags = ""] = TRACEPARENT.exec(traceparent) ?? [];
  if (parent === "" || NOTHING.test(epoch + unique) || NOTHING.test(parent)) return undefined;
  return `Root=1-${epoch}-${unique};Parent=${parent};Sampled=${Number.parseInt(flags, 16) & 1}`;
}

/** The W3C form of a message's AWSTraceHeader; `undefined` where it names no trace or no parent. */
export function traceparentOf(header: string): string | undefined {
  const parts = new Map(
    header.split(";").map((part) => part.split("=", 2).map((each) => each.trim()) as [string, string]),
  );
  const root = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(parts.get("Root") ?? "");
  const parent = /^[0-9a-f]{16}$/.exec(parts.get("Parent") ?? "");
  if (root === null || parent === null) return undefined;
  return `00-${root[1]}${root[2]}-${parent[0]}-${parts.get("Sampled") === "1" ? "01" : "00"}`;
}
