import { randomUUID } from "node:crypto";
import { type Backend, createRelay, defineAgent } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { auditTable, auditTableTimeToLive, dynamoAuditLog } from "./index.js";
import { collect } from "./testing/samples.js";

const research = defineAgent({
  name: "research",
  handsTo: ["write"],
  run: async ({ handoff }) => handoff("write", { reason: "a secret reason", output: "carry it forward" }),
});
const write = defineAgent({ name: "write", run: async ({ context }) => `written: ${context.latest("research")}` });

describeWithServers(["dynamodb"], "a relay whose audit log is on DynamoDB", ({ dynamodb: endpoint }) => {
  it("completes, tells what happened, and forgets the texts when the task is erased", async () => {
    const table = `audit-${randomUUID()}`;
    // #region table
    const client = new DynamoDBClient({
      ...endpoint, // nothing on AWS: region and credentials come by the SDK's own chain
      requestHandler: { requestTimeout: 30_000, throwOnRequestTimeout: true, socketTimeout: 30_000 },
    });
    await client.send(new CreateTableCommand(auditTable(table)));
    await waitUntilTableExists({ client, maxWaitTime: 120 }, { TableName: table });
    await client.send(new UpdateTimeToLiveCommand(auditTableTimeToLive(table))); // only for retentionDays
    // #endregion table

    // #region use
    const audit = dynamoAuditLog({ table, client, retentionDays: 10 * 365 });
    await audit.check(); // rejects, and says what to mend, where the table cannot serve

    const backend: Backend = { ...memory(), audit };
    const relay = createRelay({ id: "two-agents", agents: [research, write], backend });
    const result = await relay.run({ to: "research", input: "a topic", taskId: "task-1" });

    for await (const event of audit.byAgent("two-agents", "write")) console.log(event.at, event.taskId, event.kind);
    // #endregion use
    expect(result).toMatchObject({ status: "completed", output: "written: carry it forward" });

    const kinds = async () =>
      (await collect(audit.events("two-agents", "task-1"))).map(({ hop, kind }) => `${hop} ${kind}`);
    expect(await kinds()).toEqual([
      "0 attempt_started",
      "0 committed",
      "1 attempt_started",
      "1 committed",
      "2 committed",
    ]);
    expect((await collect(relay.tasks({ status: "completed" }))).map(({ taskId }) => taskId)).toEqual(["task-1"]);
    expect((await relay.task("task-1").verify()).ok).toBe(true);

    await relay.task("task-1").erase({ by: "ann" });
    const { Items: items = [] } = await client.send(new ScanCommand({ TableName: table }));
    expect(items.length).toBeGreaterThan(5);
    expect(JSON.stringify(items)).not.toContain("secret");
    expect((await collect(relay.tasks({ status: "erased" }))).map(({ taskId }) => taskId)).toEqual(["task-1"]);
    await relay.close();
    await client.send(new DeleteTableCommand({ TableName: table }));
    client.destroy();
  });
});
