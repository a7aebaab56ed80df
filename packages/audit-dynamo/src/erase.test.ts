import { recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { BLANKED_AT_ONCE } from "./limits.js";
import { collect, eventSample, RELAY, rowSample, TASK } from "./testing/samples.js";
import { type TestTable, testTable } from "./testing/table.js";
import { keyOf } from "./writes.js";

const EVENTS = 40;
/** 40 of these are more than two pages of 1 MB. */
const detail = { sha256: "kept", reason: "s".repeat(60_000) };

async function writeTask(table: TestTable): Promise<void> {
  const log = table.open();
  for (let hop = 0; hop < EVENTS; hop++)
    await log.append(eventSample({ hop, detail }), { row: rowSample({ headHop: hop }) });
}

describeWithServers(["dynamodb"], "erasing", ({ dynamodb }) => {
  it("goes on over pages, blanks every event and the row, and the second time writes to the row alone", async () => {
    await using table = await testTable(dynamodb);
    await writeTask(table);
    const client = table.client();
    const calls = recordCalls(client);
    const log = table.open({ client });
    const count = (operation: string) => calls.filter((call) => call.operation === operation).length;

    await log.erase(RELAY, TASK, ["sha256"]);
    expect(count("Query")).toBeGreaterThan(2);
    expect(count("UpdateItem")).toBe(EVENTS + 1);
    const events = await collect(log.events(RELAY, TASK));
    expect(events.map((event) => event.detail)).toEqual(events.map(() => ({ sha256: "kept" })));
    expect(events).toHaveLength(EVENTS);
    expect(await log.task(RELAY, TASK)).toEqual(rowSample({ headHop: EVENTS - 1, status: "erased" }));

    const before = count("UpdateItem");
    await log.append(eventSample({ hop: EVENTS, detail: { sha256: "later" } }));
    await log.erase(RELAY, TASK, ["sha256"]);
    expect(count("UpdateItem")).toBe(before + 1);
  });

  it("that was cut off rejects, leaves the row as it was, and is finished by the next", async () => {
    await using table = await testTable(dynamodb);
    await writeTask(table);
    const client = table.client({ maxAttempts: 1 });
    let updates = 0;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (request) => {
          if (commandName === "UpdateItemCommand" && ++updates > EVENTS / 2) throw new Error("the network is gone");
          return await next(request);
        },
      { step: "finalizeRequest" },
    );
    await expect(table.open({ client }).erase(RELAY, TASK, ["sha256"])).rejects.toMatchObject({ code: "AUDIT" });

    const log = table.open();
    const secret = async () =>
      (await collect(log.events(RELAY, TASK))).filter((event) => "reason" in event.detail).length;
    expect(await secret()).toBe(EVENTS / 2);
    expect((await log.task(RELAY, TASK))?.status).toBe("running");
    expect(updates).toBeLessThanOrEqual(EVENTS / 2 + BLANKED_AT_ONCE);

    await log.erase(RELAY, TASK, ["sha256"]);
    expect(await secret()).toBe(0);
    expect((await log.task(RELAY, TASK))?.status).toBe("erased");
  });

  it("does not bring back an event that expires while it is under way", async () => {
    await using table = await testTable(dynamodb);
    const client = table.client();
    const log = table.open({ client });
    await log.append(eventSample({ hop: 0, detail }));
    await log.append(eventSample({ hop: 1, detail }));
    const others = table.client();
    const expiring = { TableName: table.name, Key: keyOf(RELAY, TASK, `event#${eventSample({ hop: 0 }).id}`) };
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (request) => {
          if (commandName === "UpdateItemCommand") await others.send(new DeleteItemCommand(expiring));
          return await next(request);
        },
      { step: "initialize" },
    );
    await log.erase(RELAY, TASK, ["sha256"]);
    expect((await collect(log.events(RELAY, TASK))).map((event) => [event.hop, event.detail])).toEqual([
      [1, { sha256: "kept" }],
    ]);
    expect(await log.task(RELAY, TASK)).toBeUndefined();
  });
});
