import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "@agenthandoff/conformance/simulation";
import { createRelay } from "@agenthandoff/core";

test("with our options, no fault in ten worlds breaks a promise", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const report = await simulate({
      seed,
      // What the relay under test is made with, beside what its world decides.
      createRelay: (options) => createRelay({ ...options, cacheBytes: 0, blobThresholdBytes: 64, graceMs: 1_000 }),
    });
    assert.deepEqual(report.violations, [], `seed ${seed}`);
  }
});
