import { check, type SuiteOptions, transportPromises, transportSuite } from "@agenthandoff/conformance";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { describe, expect, it } from "vitest";
import { sqsTransport } from "./sqs-transport.js";
import { deviation } from "./testing/deviations.js";
import { testQueues } from "./testing/queues.js";

const maxReceiveCount = 5;
const unsupported: Readonly<Record<string, string>> = {
  "deduplication-ends": "SQS forgets an id after 5 minutes of real time, too long to wait here",
};
const options: SuiteOptions = {
  maxReceiveCount,
  shortestVisibilityMs: 1_000,
  runs: 10,
  unsupported,
};
/** The server reads real time, and most of these tests wait for a second or more, so they wait together. */
const together = describe.concurrent;

describeWithServers(["sqs"], "a transport on a server", ({ sqs }) => {
  const fixture = () => {
    const place = testQueues(sqs);
    return {
      open: () => sqsTransport({ queues: place.find, client: place.another() }),
      openBroken: () =>
        sqsTransport({
          queues: place.find,
          client: place.another({ endpoint: "http://127.0.0.1:1", maxAttempts: 1 }),
        }),
      prepareQueue: async (address: Parameters<typeof place.queueAt>[0]) => {
        await place.queueAt(address, { maxReceiveCount });
      },
      dispose: async () => place[Symbol.dispose](),
    };
  };

  together("each promise", () => {
    const deviating = transportPromises.filter(({ id }) => deviation(id) !== undefined);
    if (deviating.length === 0) {
      transportSuite("sqsTransport", fixture, options);
      return;
    }
    // The suite itself lets no driver off these promises, and this one keeps them: the server does not.
    for (const promise of transportPromises) {
      const reason = deviation(promise.id) ?? unsupported[promise.id];
      it.skipIf(reason !== undefined)(
        reason === undefined ? promise.title : `${promise.title} (${reason})`,
        async () => {
          expect(await check([promise], fixture, options)).toMatchObject([{ status: "kept" }]);
        },
      );
    }
  });
});
