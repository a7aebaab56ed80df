import { InvalidOptionsError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { type DynamoAuditLogOptions, dynamoAuditLog } from "./index.js";

describe("options", () => {
  it.each([
    [{}, "table must be a table's name or ARN"],
    [{ table: "" }, "table must be a table's name or ARN"],
    [{ table: "a table" }, "table must be a table's name or ARN"],
    [{ table: "audit", retentionDays: 0 }, "retentionDays must be at least 1"],
    [{ table: "audit", retentionDays: 1.5 }, "retentionDays must be a whole number of days"],
    [{ table: "audit", retentionDays: 1e6 }, "leave it out to keep events for ever"],
    [{ table: "audit", client: {} }, "client must be a DynamoDBClient"],
    [{ table: "audit", region: "" }, "region must be a region"],
    [{ table: "audit", clock: { now: 1 } }, "clock must have the methods now and sleep"],
    [{ table: "audit", retention: 1 }, "retention"],
  ])("that cannot work are refused when the log is made, each named: %j", (options, message) => {
    const make = () => dynamoAuditLog(options as unknown as DynamoAuditLogOptions);
    expect(make).toThrow(InvalidOptionsError);
    expect(make).toThrow("dynamoAuditLog()");
    expect(make).toThrow(message);
  });

  it.each(["audit", "arn:aws:dynamodb:eu-central-1:123456789012:table/audit"])(
    "name a table, or its ARN: %s",
    async (table) => {
      await dynamoAuditLog({ table, region: "eu-central-1" }).close();
    },
  );
});
