import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it } from "vitest";
import { callersRelay } from "../agents/declared.js";
import { requestFor } from "../commands/start.js";
import { placeOn, RELAY_ID } from "../testing/place.js";
import { containerFolder } from "./container-folder.js";

const ORDERS = join(import.meta.dirname, "../../data/orders.csv");
const PATIENCE_MS = 300_000;

const isHealthy = (script: string, env: NodeJS.ProcessEnv): Promise<boolean> =>
  promisify(execFile)(process.execPath, [script], { env }).then(
    () => true,
    () => false,
  );

/** How a worker ends that cannot begin. */
async function refusal(script: string, env: NodeJS.ProcessEnv): Promise<{ exitCode: number | null; said: string }> {
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, said };
}

describeWithServers(["s3", "sqs", "dynamodb"], "the container's worker", (servers) => {
  it(
    "works while it is healthy, and on SIGTERM gives back what it cannot end, and ends with success",
    async () => {
      await using place = await placeOn(servers);
      const folder = await mkdtemp(join(tmpdir(), "relay-aws-container-"));
      try {
        const { worker, healthcheck } = await containerFolder(folder, { link: true });
        expect(await readFile(join(folder, "Dockerfile"), "utf8")).toContain('CMD ["node", "worker.mjs"]');
        const ownTmp = join(folder, "tmp");
        await mkdir(ownTmp);
        const env = {
          ...process.env,
          ...place.environment,
          RESOURCES: JSON.stringify(place.resources),
          AGENTS: "research,code",
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
          TMPDIR: ownTmp,
          TEMP: ownTmp,
        };
        const { queues } = place.resources;
        const deadLetterUrl = queues.code?.deadLetterUrl;
        const nowhere = {
          ...queues,
          code: { url: `${queues.code?.url.replace(".fifo", "-gone.fifo")}`, deadLetterUrl },
        };
        for (const [wrong, what] of [
          [{ RESOURCES: undefined }, /^InvalidOptionsError: the environment variable RESOURCES does not say/],
          [{ AGENTS: "tester" }, /^InvalidOptionsError: The environment variable AGENTS must be some of research,/],
          [
            { RESOURCES: JSON.stringify({ ...place.resources, queues: nowhere }) },
            /^BackendUnusableError: .*QueueDoesNotExist/,
          ],
        ] as const) {
          const { exitCode, said } = await refusal(worker, { ...env, ...wrong });
          expect(said).toMatch(what);
          expect(said).not.toMatch(/\n\s+at /);
          expect(exitCode).toBe(1);
        }
        expect(await isHealthy(healthcheck, env)).toBe(false);
        const child = spawn(process.execPath, [worker], { env, stdio: ["ignore", "pipe", "inherit"] });
        let said = "";
        const exited = once(child, "close");
        const relay = callersRelay(RELAY_ID, place.backend);
        const task = await relay.start(await requestFor({ file: ORDERS, sampleRows: 50 }));
        await new Promise<void>((resolve) => {
          child.stdout.setEncoding("utf8").on("data", (text: string) => {
            said += text;
            if (said.includes("is committed")) resolve();
          });
        });
        expect(said).toMatch(/^working for research, code\n/);
        expect(await isHealthy(healthcheck, env)).toBe(true);
        child.kill("SIGTERM");
        expect(await exited).toEqual([0, null]);
        expect(said).toMatch(/told to stop: .*\n(.*\n)*ended\n$/);
        expect(await isHealthy(healthcheck, env)).toBe(false);
        const events = await task.audit();
        const starts = events.filter(({ kind }) => kind === "attempt_started");
        const ends = events.filter(
          ({ kind, detail }) =>
            kind === "attempt_released" || (kind === "committed" && typeof detail.attempt === "string"),
        );
        expect(starts.length).toBeGreaterThan(0);
        expect(ends).toHaveLength(starts.length);
        await relay.close();
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    PATIENCE_MS,
  );
});
