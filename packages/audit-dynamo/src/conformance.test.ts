import { auditLogSuite } from "@agenthandoff/conformance";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { dynamoAuditLog } from "./index.js";
import { testTable } from "./testing/table.js";

describeWithServers(["dynamodb"], "on a server", ({ dynamodb }) => {
  const table = testTable(dynamodb);
  auditLogSuite("dynamoAuditLog", () => ({
    open: () => dynamoAuditLog({ table: table.name, client: table.client() }),
    openBroken: () => dynamoAuditLog({ table: `${table.name}-missing`, client: table.client() }),
  }));
});
