import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { DescribeTableCommand, type TableDescription } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { tableFault } from "./compare-table.js";
import { type AuditTable, auditTable } from "./table.js";
import { failing, faultServer } from "./testing/fault-server.js";
import { collect } from "./testing/samples.js";
import { testTable } from "./testing/table.js";

const whole: AuditTable = auditTable("table");

/** As DynamoDB tells of a table that was created so. */
const described = (changes: Partial<TableDescription> = {}): TableDescription => ({
  ...whole,
  TableStatus: "ACTIVE",
  ...changes,
});

const without = (name: string) => ({
  GlobalSecondaryIndexes: whole.GlobalSecondaryIndexes.filter(({ IndexName }) => IndexName !== name),
  LocalSecondaryIndexes: whole.LocalSecondaryIndexes.filter(({ IndexName }) => IndexName !== name),
});

describe("a table", () => {
  it("as auditTable defines it will do, in whatever order its parts are told, with more than is needed", () => {
    expect(tableFault("table", described())).toBeUndefined();
    const more = { IndexName: "mine", KeySchema: [{ AttributeName: "kind", KeyType: "HASH" as const }] };
    const reversed = described({
      TableStatus: "UPDATING",
      KeySchema: whole.KeySchema.toReversed(),
      AttributeDefinitions: whole.AttributeDefinitions.toReversed(),
      GlobalSecondaryIndexes: [more, ...whole.GlobalSecondaryIndexes].reverse(),
    });
    expect(tableFault("table", reversed)).toBeUndefined();
  });

  it.each(["byAgent", "byStatus", "byDamage", "byHop"])("without the index %s is refused, by its name", (name) => {
    const fault = tableFault("table", described(without(name)));
    expect(fault).toMatchObject({ reason: "index", retryable: false });
    expect(fault?.message).toContain(name);
    expect(fault?.message).toContain("auditTable()");
  });

  it("whose index leaves out attributes, or has another key, is refused", () => {
    for (const change of [
      { Projection: { ProjectionType: "KEYS_ONLY" as const } },
      { KeySchema: [{ AttributeName: "agentShard", KeyType: "HASH" as const }] },
    ]) {
      const indexes = whole.GlobalSecondaryIndexes.map((index) =>
        index.IndexName === "byAgent" ? { ...index, ...change } : index,
      );
      expect(tableFault("table", described({ GlobalSecondaryIndexes: indexes }))).toMatchObject({ reason: "index" });
    }
  });

  it("with other keys, or a key that is a number, is refused", () => {
    const [partition] = whole.KeySchema;
    expect(tableFault("table", described({ KeySchema: partition === undefined ? [] : [partition] }))).toMatchObject({
      reason: "keys",
    });
    const AttributeDefinitions = whole.AttributeDefinitions.map((each) => ({ ...each, AttributeType: "N" as const }));
    expect(tableFault("table", described({ AttributeDefinitions }))).toMatchObject({ reason: "keys" });
  });

  it.each(["CREATING", "DELETING", "ARCHIVED", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"] as const)(
    "that is %s is refused for now",
    (TableStatus) => {
      expect(tableFault("table", described({ TableStatus }))).toMatchObject({ reason: "not-active", retryable: true });
    },
  );

  it("whose index is still being made is refused for now", () => {
    const GlobalSecondaryIndexes = whole.GlobalSecondaryIndexes.map((index) => ({
      ...index,
      IndexStatus: "CREATING" as const,
    }));
    expect(tableFault("table", described({ GlobalSecondaryIndexes }))).toMatchObject({
      reason: "not-active",
      retryable: true,
    });
  });
});

describe("a check", () => {
  it.each([
    ["ResourceNotFoundException", "missing"],
    ["AccessDeniedException", "permission"],
    ["ExpiredTokenException", "credentials-expired"],
  ])("that DynamoDB answers with %s rejects with the reason %s", async (name, reason) => {
    await using server = await faultServer(failing(name));
    await expect(server.open().check()).rejects.toMatchObject({ code: "BACKEND_UNUSABLE", reason });
  });

  it("that DynamoDB does not answer tells nothing of the table", async () => {
    await using server = await faultServer(failing("InternalServerError", { status: 500 }));
    await expect(server.open().check()).rejects.toMatchObject({ code: "AUDIT", retryable: true });
  });
});

describeWithServers(["dynamodb"], "a check of a real table", ({ dynamodb }) => {
  it("resolves for what auditTable defines, and the table is what it says", async () => {
    await using table = await testTable(dynamodb);
    await table.open().check();
    const { Table: made } = await table.client().send(new DescribeTableCommand({ TableName: table.name }));
    expect(made).toMatchObject({
      KeySchema: whole.KeySchema,
      GlobalSecondaryIndexes: expect.arrayContaining(
        whole.GlobalSecondaryIndexes.map(({ IndexName }) => expect.objectContaining({ IndexName })),
      ),
    });
    await expect(table.open({ table: "nowhere" }).check()).rejects.toMatchObject({ reason: "missing" });
  });

  it("rejects for a table of somebody else's", async () => {
    await using table = await testTable(dynamodb, (TableName) => ({
      ...{ TableName, BillingMode: "PAY_PER_REQUEST" },
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }));
    await expect(table.open().check()).rejects.toMatchObject({ code: "BACKEND_UNUSABLE", reason: "keys" });
  });

  it("that was left out costs no event: what a table cannot take is refused by name when it is written", async () => {
    await using table = await testTable(dynamodb, (TableName) => ({
      ...auditTable(TableName),
      ...without("byStatus"),
      AttributeDefinitions: whole.AttributeDefinitions.filter(({ AttributeName }) => AttributeName !== "statusShard"),
    }));
    const log = table.open();
    await expect(collect(log.intents("relay"))).rejects.toMatchObject({
      code: "AUDIT",
      retryable: false,
      // DynamoDB calls the request invalid; moto says that the index is missing.
      cause: { reason: expect.stringMatching(/^(table|missing)$/) },
    });
  });
});
