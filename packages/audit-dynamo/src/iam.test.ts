import { readFileSync } from "node:fs";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { auditTableTimeToLive } from "./table.js";
import { collect, eventSample, intentSample, RELAY, rowSample, TASK } from "./testing/samples.js";
import { testTable } from "./testing/table.js";

/** The rows of the README's table: operation, action, resource. */
function documented(): string[] {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const section = readme.split("\n## ").find((each) => each.startsWith("IAM\n")) ?? "";
  return section
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")))
    .filter((cells) => cells[2]?.startsWith("dynamodb:"))
    .map((cells) => cells.slice(1, 4).join(" "));
}

/** What IAM is asked for a call: a transaction for each of its writes, a query for its index. */
function asked({ operation, input }: RecordedCall): string[] {
  const resource = input.IndexName === undefined ? "table" : `index/${input.IndexName}`;
  if (operation !== "TransactWriteItems") return [`${operation} dynamodb:${operation} ${resource}`];
  const writes = input.TransactItems as readonly Record<string, unknown>[];
  return writes.flatMap((write) => Object.keys(write)).map((kind) => `${operation} dynamodb:${kind}Item ${resource}`);
}

describeWithServers(["dynamodb"], "the table of IAM actions in the README", ({ dynamodb }) => {
  it("lists what every call of the log asks for, and nothing else", async () => {
    await using table = await testTable(dynamodb);
    await table.client().send(new UpdateTimeToLiveCommand(auditTableTimeToLive(table.name)));
    const client = table.client();
    const calls = recordCalls(client);
    const log = table.open({ client, retentionDays: 36_500 });

    await log.check();
    await log.append(eventSample({ detail: { told: "a secret" } }), { row: rowSample() });
    await log.append(eventSample({ hop: 2 }), { row: rowSample() });
    await log.append(eventSample({ hop: 3 }), { damaged: true });
    await log.append(eventSample({ hop: 3 }), { damaged: false });
    await log.intend(intentSample());
    await log.settle(RELAY, TASK, "intent");
    await log.task(RELAY, TASK);
    for (const listing of [
      log.events(RELAY, TASK),
      log.events(RELAY, TASK, { hop: 1 }),
      log.byAgent(RELAY, "code"),
      log.tasks(RELAY),
      log.tasks(RELAY, { damaged: true }),
      log.intents(RELAY),
    ])
      await collect<unknown>(listing);
    await log.erase(RELAY, TASK, []);

    expect([...new Set(calls.flatMap(asked))].sort()).toEqual(documented().sort());
  });
});
