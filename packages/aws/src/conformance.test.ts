import { randomUUID } from "node:crypto";
import { backendSuite } from "@agenthandoff/conformance";
import type { QueueAddress } from "@agenthandoff/core";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import type { SqsQueue } from "@agenthandoff/transport-sqs";
import { describe } from "vitest";
import { ensureResources } from "./index.js";
import { testResources } from "./testing/resources.js";

describeWithServers(["s3", "sqs", "dynamodb"], "a backend on servers", (servers) => {
  // The servers read real time: these tests wait together.
  describe.concurrent("each promise", () => {
    backendSuite(
      "aws, of its parts together",
      async () => {
        const place = await testResources(servers, { agents: ["unused"] });
        const queues = new Map<string, SqsQueue>();
        const keyOf = ({ relayId, agent }: QueueAddress) => `${relayId}/${agent}`;
        return {
          open: () => place.open({ queues: (address) => queues.get(keyOf(address)) }),
          prepareQueue: async (address) => {
            const made = await ensureResources({
              bucket: place.resources.bucket,
              table: place.resources.table,
              // Names of queues are shorter than the ids that the suite makes up.
              relayId: `test-${randomUUID().slice(0, 18)}`,
              agents: ["queue"],
              clients: place.clients(),
            });
            const queue = made.queues.queue;
            if (queue !== undefined) queues.set(keyOf(address), queue);
          },
          dispose: async () => place.dispose(),
        };
      },
      // Each part's own suite runs beside its driver.
      { parts: false, shortestVisibilityMs: 1_000 },
    );
  });
});
