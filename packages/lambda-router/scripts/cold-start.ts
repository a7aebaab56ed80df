// How long a cold start takes of a bundled function of two plain agents on AWS: a fresh process until its handler can be
// called, and until it has returned for the first time, against nothing.  pnpm run cold-start [runs]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction, lambdaFunction } from "@agenthandoff/test-servers/lambda";

const runs = Number(process.argv[2] ?? 11);
const folder = await mkdtemp(join(tmpdir(), "cold-start-"));
try {
  const entry = join(import.meta.dirname, "../src/testing/functions/minimal.ts");
  const { file, bytes } = await bundleFunction({ entry, folder });
  const environment = { QUEUES_URL: "https://sqs.us-east-1.amazonaws.com/123456789012", BUCKET: "docs", TABLE: "docs" };
  const minimal = lambdaFunction({ bundle: file, timeoutMs: 60_000, environment });
  const [load, whole]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    const begin = performance.now();
    // No event of SQS: it says so before it asks anything of AWS.
    const { status, initMs = Number.NaN, log } = await minimal.invoke({});
    if (status !== "error") throw new Error(`it ${status}: ${log}`);
    load.push(initMs);
    whole.push(performance.now() - begin);
  }
  console.log(`bundle: ${bytes} bytes; Node.js ${process.version}; ${runs} fresh processes`);
  console.log(told("loading the bundle", load));
  console.log(told("start of the process to the first return", whole));
} finally {
  await rm(folder, { recursive: true, force: true });
}

function told(what: string, times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(0);
  return `${what}: ${at(0)} / ${at(0.5)} / ${at(1)} ms (min / median / max)`;
}
