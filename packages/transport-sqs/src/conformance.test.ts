import { transportSuite } from "@agenthandoff/conformance";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { describe } from "vitest";
import { sqsTransport } from "./sqs-transport.js";
import { testQueues } from "./testing/queues.js";

const maxReceiveCount = 5;
/** The server reads real time, and most of these tests wait for a second or more, so they wait together. */
const together = describe.concurrent;

describeWithServers(["sqs"], "a transport on a server", ({ sqs }) => {
  together("each promise", () => {
    transportSuite(
      "sqsTransport",
      () => {
        const place = testQueues(sqs);
        return {
          open: () => sqsTransport({ queues: place.find, client: place.another() }),
          openBroken: () =>
            sqsTransport({
              queues: place.find,
              client: place.another({ endpoint: "http://127.0.0.1:1", maxAttempts: 1 }),
            }),
          prepareQueue: async (address) => {
            await place.queueAt(address, { maxReceiveCount });
          },
          dispose: async () => place[Symbol.dispose](),
        };
      },
      {
        maxReceiveCount,
        shortestVisibilityMs: 1_000,
        runs: 10,
        unsupported: { "deduplication-ends": "SQS forgets an id after 5 minutes of real time, too long to wait here" },
      },
    );
  });
});
