import { contextStoreSuite } from "@agenthandoff/conformance";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { testBucket } from "./testing/bucket.js";

describeWithServers(["s3"], "a store on a server", ({ s3 }) => {
  for (const versioning of [undefined, "Enabled"] as const) {
    contextStoreSuite(
      `s3Store, ${versioning === undefined ? "a bucket without versions" : "a versioned bucket"}`,
      async () => {
        const place = await testBucket(s3, versioning === undefined ? {} : { versioning });
        return {
          open: () => place.open(),
          openBroken: () => place.open({ bucket: `${place.bucket}-missing` }),
          dispose: async () => await place[Symbol.asyncDispose](),
        };
      },
      // The server answers one request at a time.
      { runs: 10 },
    );
  }
});
