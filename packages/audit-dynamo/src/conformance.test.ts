import { auditLogSuite } from "@agenthandoff/conformance";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { dynamoAuditLog } from "./index.js";
import { createTestTable } from "./testing/table.js";

describeWithServers(["dynamodb"], "on a server", ({ dynamodb }) => {
  auditLogSuite("dynamoAuditLog", async () => {
    // One for each test: a second server copies a whole table for each query of an index.
    const table = await createTestTable(dynamodb);
    return {
      open: () => dynamoAuditLog({ table: table.name, client: table.client() }),
      openBroken: () => dynamoAuditLog({ table: `${table.name}-missing`, client: table.client() }),
      dispose: () => table.dispose(),
    };
  });
});
