import { type AuditLog, isBackendError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { itemOfEvent } from "./items.js";
import { MAX_EVENT_BYTES, MAX_TRIES } from "./limits.js";
import {
  type Answer,
  canceled,
  failing,
  faultServer,
  hangingUp,
  instantClock,
  longestWaits,
  silent,
  succeeding,
} from "./testing/fault-server.js";
import { collect, eventSample, intentSample, RELAY, rowSample, TASK } from "./testing/samples.js";

const row = rowSample();
const event = eventSample();

/** What a call rejects with. */
const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "it resolved",
    (error: unknown) => error,
  );

describe("a transaction that was not made", () => {
  it.each([
    ["the event is there", canceled("ConditionalCheckFailed", "None"), { Item: { sk: { S: "task" } } }, "exists"],
    [
      "the row is further",
      canceled("None", "ConditionalCheckFailed"),
      { Item: { sk: { S: `event#${event.id}` } } },
      "appended",
    ],
  ] as const)("since %s, is made without it", async (_, answer, input, outcome) => {
    await using server = await faultServer(answer, succeeding());
    expect(await server.open().append(event, { row })).toBe(outcome);
    expect(server.requests.map(({ operation }) => operation)).toEqual(["TransactWriteItems", "PutItem"]);
    expect(server.requests[1]?.input).toMatchObject(input);
  });

  it("since the event is there and the row is further, needs nothing more", async () => {
    await using server = await faultServer(canceled("ConditionalCheckFailed", "ConditionalCheckFailed"));
    expect(await server.open().append(event, { row })).toBe("exists");
    expect(server.requests).toHaveLength(1);
  });

  it.each(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])(
    "for %s, is tried again after a wait, each time as another one",
    async (code) => {
      await using server = await faultServer(canceled("None", code), canceled(code, "None"), succeeding());
      const clock = instantClock();
      let ids = 0;
      const random = { ...longestWaits, id: () => `id-${++ids}` };
      expect(await server.open({ clock, random }).append(event, { row })).toBe("appended");
      expect(clock.sleeps).toEqual([25, 50]);
      expect(server.requests.map(({ input }) => input.ClientRequestToken)).toEqual(["id-1", "id-2", "id-3"]);
    },
  );

  it("for a conflict beside a condition that was not met, is tried again whole: the other write may be decisive too", async () => {
    await using server = await faultServer(canceled("ConditionalCheckFailed", "TransactionConflict"), succeeding());
    expect(await server.open().append(event, { row })).toBe("appended");
    expect(server.requests.map(({ operation }) => operation)).toEqual(["TransactWriteItems", "TransactWriteItems"]);
  });

  it("after ten conflicts rejects, and the same call may succeed later", async () => {
    await using server = await faultServer(canceled("None", "TransactionConflict"));
    const error = await errorOf(server.open().append(event, { row }));
    expect(error).toMatchObject({ name: "AuditError", code: "AUDIT", retryable: true });
    expect((error as Error).message).toContain("task task");
    expect((error as Error).message).toContain("why: TransactionConflict");
    expect(server.requests).toHaveLength(MAX_TRIES);
  });

  it("for an item that DynamoDB does not take, says so, and is not tried again", async () => {
    await using server = await faultServer(canceled("ValidationError", "None"));
    const error = await errorOf(server.open().append(event, { row }));
    expect(error).toMatchObject({ code: "AUDIT", retryable: false, cause: { reason: "table" } });
    expect((error as Error).message).toContain("why: ValidationError");
    expect(server.requests).toHaveLength(1);
  });

  it("whose answer was lost is sent again with the same token, so that it does not happen twice", async () => {
    await using server = await faultServer(hangingUp, succeeding());
    const log = server.open({ client: server.client({ maxAttempts: 2 }) });
    expect(await log.append(event, { row })).toBe("appended");
    const tokens = server.requests.map(({ input }) => input.ClientRequestToken);
    expect(tokens).toHaveLength(2);
    expect(new Set(tokens).size).toBe(1);
  });
});

describe("a single write", () => {
  it("that meets a transaction is tried again", async () => {
    await using server = await faultServer(failing("TransactionConflictException"), succeeding());
    const clock = instantClock();
    expect(await server.open({ clock }).append(event)).toBe("appended");
    expect(clock.sleeps).toHaveLength(1);
  });

  it.each(["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"])(
    "that is throttled by %s, by an index too, is tried again by the SDK, and in the end rejects for now",
    async (name) => {
      await using server = await faultServer(failing(name), succeeding());
      expect(await server.open({ client: server.client({ maxAttempts: 2 }) }).append(event)).toBe("appended");
      expect(server.requests).toHaveLength(2);

      await using busy = await faultServer(failing(name));
      const error = await errorOf(busy.open({ client: busy.client({ maxAttempts: 2 }) }).append(event));
      expect(error).toMatchObject({ code: "AUDIT", retryable: true, cause: { name } });
      expect(busy.requests).toHaveLength(2);
    },
  );
});

describe("every call", () => {
  const calls: readonly (readonly [string, (log: AuditLog) => Promise<unknown>])[] = [
    ["append", (log) => log.append(event)],
    ["append with a row", (log) => log.append(event, { row })],
    ["events", (log) => collect(log.events(RELAY, TASK))],
    ["events of a hop", (log) => collect(log.events(RELAY, TASK, { hop: 1 }))],
    ["byAgent", (log) => collect(log.byAgent(RELAY, "code"))],
    ["task", (log) => log.task(RELAY, TASK)],
    ["tasks", (log) => collect(log.tasks(RELAY))],
    ["damaged tasks", (log) => collect(log.tasks(RELAY, { damaged: true }))],
    ["intend", (log) => log.intend(intentSample())],
    ["settle", (log) => log.settle(RELAY, TASK, "intent")],
    ["intents", (log) => collect(log.intents(RELAY))],
    ["erase", (log) => log.erase(RELAY, TASK, [])],
  ];

  const refusals: readonly (readonly [string, Answer, object])[] = [
    [
      "expired credentials",
      failing("ExpiredTokenException"),
      { retryable: true, cause: { reason: "credentials-expired" } },
    ],
    [
      "unknown credentials",
      failing("UnrecognizedClientException"),
      { retryable: false, cause: { reason: "credentials" } },
    ],
    ["a missing permission", failing("AccessDeniedException"), { retryable: true, cause: { reason: "permission" } }],
    ["a missing table", failing("ResourceNotFoundException"), { retryable: false, cause: { reason: "missing" } }],
    ["a missing index", failing("ValidationException"), { retryable: false, cause: { reason: "table" } }],
    ["an outage", failing("InternalServerError", { status: 500 }), { retryable: true }],
    ["an answer that is no DynamoDB's", (response) => response.writeHead(200).end("<html>"), { retryable: true }],
    ["a lost connection", hangingUp, { retryable: true }],
  ];

  it.each(refusals)(
    "rejects with AuditError for %s, and never takes it for an empty log",
    async (_, answer, expected) => {
      await using server = await faultServer(answer);
      const log = server.open();
      for (const [name, call] of calls) {
        const error = await errorOf(call(log));
        expect(error, name).toMatchObject({ code: "AUDIT", ...expected });
        expect(isBackendError(error), name).toBe(true);
      }
    },
  );

  it("rejects where DynamoDB takes the request and never answers, as soon as the client's time limit has passed", async () => {
    await using server = await faultServer(silent);
    const requestHandler = { requestTimeout: 20, throwOnRequestTimeout: true };
    const log = server.open({ client: server.client({ requestHandler }) });
    for (const [name, call] of calls)
      expect(await errorOf(call(log)), name).toMatchObject({
        code: "AUDIT",
        retryable: true,
        cause: { name: "TimeoutError" },
      });
  });

  it("rejects once the log was closed, the last one too, and sends nothing", async () => {
    await using server = await faultServer(silent, succeeding());
    const log = server.open();
    await log.close();
    await log.close();
    for (const [name, call] of calls) {
      expect(await errorOf(call(log)), name).toMatchObject({
        code: "AUDIT",
        retryable: false,
        cause: { reason: "closed" },
      });
    }
    expect(server.requests).toHaveLength(0);
  });
});

describe("a listing", () => {
  it("whose signal is aborted while DynamoDB does not answer rejects with the signal's reason", async () => {
    await using server = await faultServer(silent);
    const reason = new Error("enough");
    const log = server.open();
    for (const list of [
      (signal: AbortSignal) => log.events(RELAY, TASK, { signal }),
      (signal: AbortSignal) => log.events(RELAY, TASK, { hop: 1, signal }),
      (signal: AbortSignal) => log.byAgent(RELAY, "code", { signal }),
      (signal: AbortSignal) => log.tasks(RELAY, { signal }),
      (signal: AbortSignal) => log.intents(RELAY, { signal }),
    ] as const) {
      const controller = new AbortController();
      const listing = errorOf(collect<unknown>(list(controller.signal)));
      await server.received(server.requests.length + 1);
      controller.abort(reason);
      expect(await listing).toBe(reason);
    }
    const controller = new AbortController();
    const checking = errorOf(log.check({ signal: controller.signal }));
    await server.received(server.requests.length + 1);
    controller.abort(reason);
    expect(await checking).toBe(reason);
  });

  it("goes on where a page ended, also after pages with nothing on them, and asks for no page that its reader does not want", async () => {
    const items = [1, 2, 3].map((hop) => itemOfEvent(eventSample({ hop })));
    const [first, second, third] = items;
    const next = { pk: { S: "relay#task" }, sk: { S: "event#somewhere" } };
    const pages = [
      succeeding({ Items: [first], LastEvaluatedKey: next }),
      succeeding({ LastEvaluatedKey: next }),
      succeeding({ Items: [], LastEvaluatedKey: next }),
      succeeding({ Items: [second, third] }),
    ];
    await using server = await faultServer(...pages);
    const hops = (await collect(server.open().events(RELAY, TASK))).map(({ hop }) => hop);
    expect(hops).toEqual([1, 2, 3]);
    expect(server.requests.map(({ input }) => input.ExclusiveStartKey)).toEqual([undefined, next, next, next]);
    expect(server.requests.every(({ input }) => input.ConsistentRead === true)).toBe(true);

    await using another = await faultServer(...pages);
    for await (const { hop } of another.open().events(RELAY, TASK)) {
      expect(hop).toBe(1);
      break;
    }
    expect(another.requests).toHaveLength(1);
  });

  it("names an item that somebody wrote over, and does not take its task for damaged", async () => {
    const item = { ...itemOfEvent(event), detail: { S: "{" } };
    await using server = await faultServer(succeeding({ Items: [item] }));
    const error = await errorOf(collect(server.open().events(RELAY, TASK)));
    expect(error).toMatchObject({ code: "AUDIT", retryable: false, cause: { code: "CONTEXT_INTEGRITY" } });
    expect((error as Error).message).toContain("relay#task event#0000000001#committed");
  });
});

describe("what cannot be kept is refused before anything is sent", () => {
  it("an event larger than the limit, with its row", async () => {
    await using server = await faultServer(succeeding());
    const detail = { text: "é".repeat(MAX_EVENT_BYTES / 2) };
    const error = await errorOf(server.open().append(eventSample({ detail }), { row }));
    expect(error).toMatchObject({ code: "CONTEXT_TOO_LARGE", limit: MAX_EVENT_BYTES });
    expect(server.requests).toHaveLength(0);
  });

  it("an event id that does not fit a key, and a relay id that would be taken for another's", async () => {
    await using server = await faultServer(succeeding());
    const log = server.open();
    expect(await errorOf(log.append(eventSample({ id: "ü" })))).toMatchObject({ code: "INVALID_ID" });
    expect(await errorOf(log.append(eventSample({ relayId: "a#b" })))).toMatchObject({ code: "INVALID_ID" });
    expect(server.requests).toHaveLength(0);
  });
});
