import { auditLogSuite } from "@agenthandoff/conformance";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { inject } from "vitest";
import { testTable } from "./testing/table.js";

describeWithServers(["dynamodb"], "on a server", ({ dynamodb }) => {
  // moto looks at the whole table for each query of an index.
  const isSlow = inject("awsServers").dynamodb.name.startsWith("moto");
  auditLogSuite(
    "dynamoAuditLog",
    async () => {
      const table = await testTable(dynamodb);
      return {
        open: () => table.open(),
        openBroken: () => table.open({ table: `${table.name}-missing` }),
        dispose: () => table.dispose(),
      };
    },
    isSlow ? { runs: 5 } : {},
  );
});
