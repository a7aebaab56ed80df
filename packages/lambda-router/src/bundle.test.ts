import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction } from "@agenthandoff/test-servers/lambda";
import { expect, it, onTestFinished } from "vitest";

const MOST_BYTES = 1_500_000;

it(`a function of two plain agents is at most ${MOST_BYTES} bytes, minified, with the AWS SDK and all else in it`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const entry = join(import.meta.dirname, "testing/functions/minimal.ts");
  const whole = await bundleFunction({ entry, folder });
  const without = await bundleFunction({ entry, folder, external: ["@aws-sdk/*", "@smithy/*"] });
  console.log(`bundle: ${whole.bytes} bytes; without the AWS SDK, which Lambda's Node.js has: ${without.bytes} bytes`);
  expect(whole.bytes).toBeLessThanOrEqual(MOST_BYTES);
  expect(without.bytes).toBeLessThan(whole.bytes);
});
