import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { GetItemCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { expect, it } from "vitest";
import { expiryOf } from "./retention.js";
import { auditTableTimeToLive } from "./table.js";
import { instantClock } from "./testing/fault-server.js";
import { at, collect, eventSample, intentSample, RELAY, rowSample, TASK } from "./testing/samples.js";
import { testTable } from "./testing/table.js";
import { keyOf } from "./writes.js";

const DAY_MS = 86_400_000;
const happened = Date.parse(at(1));

it("an event expires its retention after it happened, and never without one", () => {
  expect(expiryOf(eventSample(), 3_650)).toBe((happened + 3_650 * DAY_MS) / 1_000);
  expect(expiryOf(eventSample(), undefined)).toBeUndefined();
});

describeWithServers(["dynamodb"], "a log with a retention", ({ dynamodb }) => {
  it("lets events expire, and no rows and no intents: what is open stays listed, and what was there stays known", async () => {
    await using table = await testTable(dynamodb);
    const client = table.client();
    const log = table.open({ client, retentionDays: 365, clock: instantClock(happened) });
    await log.append(eventSample(), { row: rowSample() });
    await log.intend(intentSample());
    const stored = async (sortKey: string) =>
      unmarshall(
        (await client.send(new GetItemCommand({ TableName: table.name, Key: keyOf(RELAY, TASK, sortKey) }))).Item ?? {},
      );
    expect(await stored(`event#${eventSample().id}`)).toHaveProperty("expiresAt", happened / 1_000 + 365 * 86_400);
    for (const sortKey of ["task", "intent#intent"]) {
      expect(await stored(sortKey)).toHaveProperty("pk");
      expect(await stored(sortKey)).not.toHaveProperty("expiresAt");
    }
  });

  it("keeps an event up to its last moment, and does not bring back one that has outlived it, only its row", async () => {
    await using table = await testTable(dynamodb);
    const lastMoment = happened + 365 * DAY_MS;
    const clock = { ...instantClock(), now: () => lastMoment - 1 };
    const log = table.open({ retentionDays: 365, clock });
    expect(await log.append(eventSample())).toBe("appended");

    const later = table.open({ retentionDays: 365, clock: instantClock(lastMoment) });
    const old = eventSample({ id: "old" });
    expect(await later.append(old)).toBe("exists");
    expect(await later.append(old, { row: rowSample() })).toBe("exists");
    expect((await collect(later.events(RELAY, TASK))).map(({ id }) => id)).toEqual([eventSample().id]);
    expect(await later.task(RELAY, TASK)).toEqual(rowSample());
    const fresh = eventSample({ id: "fresh", at: new Date(lastMoment).toISOString() });
    expect(await later.append(fresh)).toBe("appended");
  });

  it("finds at start-up that the table deletes nothing, until time to live is enabled", async () => {
    await using table = await testTable(dynamodb);
    const client = table.client();
    const log = table.open({ client, retentionDays: 365 });
    await expect(log.check()).rejects.toMatchObject({ code: "BACKEND_UNUSABLE", reason: "time-to-live" });
    await table.open().check();
    await client.send(new UpdateTimeToLiveCommand(auditTableTimeToLive(table.name)));
    await log.check();
  });
});
