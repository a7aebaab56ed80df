import type { AuditEvent, Intent, TaskRow } from "@agenthandoff/core";
import fc from "fast-check";

export const RELAY = "relay";
export const TASK = "task";

/** The instant a number of seconds after a fixed one. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 2) + seconds * 1_000).toISOString();

export const eventSample = (fields: Partial<AuditEvent> = {}): AuditEvent => ({
  id: `${String(fields.hop ?? 1).padStart(10, "0")}#committed`,
  ...{ relayId: RELAY, taskId: TASK, hop: 1, kind: "committed", at: at(1), agent: "code", detail: {} },
  ...fields,
});

export const rowSample = (fields: Partial<TaskRow> = {}): TaskRow => ({
  ...{ relayId: RELAY, taskId: TASK, status: "running", headHop: 1, headSha256: "a".repeat(64), agent: "code" },
  ...{ updatedAt: at(1), damaged: false },
  ...fields,
});

export const intentSample = (fields: Partial<Intent> = {}): Intent => ({
  ...{ relayId: RELAY, taskId: TASK, intentId: "intent", requestId: "request", operation: "start", at: at(1) },
  ...fields,
});

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

/** Names as core allows them. */
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const taskId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,126}$/);
const instant = fc
  .date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString());
const hop = fc.nat({ max: 9_999_999_999 });
const ascii = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 256 });
const ordinaryId = fc
  .tuple(hop, fc.string({ unit: "binary-ascii", maxLength: 40 }))
  .map(([place, rest]) => `${String(place).padStart(10, "0")}#${rest}`);
const detail = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((each) => JSON.parse(JSON.stringify(each)) as AuditEvent["detail"]);

export const arbitraryEvent: fc.Arbitrary<AuditEvent> = fc
  .record({
    id: fc.oneof(ordinaryId, ascii),
    relayId: name,
    taskId,
    hop,
    kind: fc.string(),
    at: instant,
    agent: fc.option(name),
    detail,
  })
  .map(({ agent, ...event }) => (agent === null ? event : { ...event, agent }));

export const arbitraryRow: fc.Arbitrary<TaskRow> = fc.record({
  relayId: name,
  taskId,
  status: fc.constantFrom("running", "waiting", "failed", "completed", "canceled", "erased"),
  headHop: hop,
  headSha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  agent: fc.option(name),
  updatedAt: instant,
  damaged: fc.boolean(),
});

export const arbitraryIntent: fc.Arbitrary<Intent> = fc.record({
  ...{ relayId: name, taskId, intentId: ascii, requestId: fc.string(), operation: fc.string(), at: instant },
});
