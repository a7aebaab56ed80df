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
          TMPDIR: ownTmp,
          TEMP: ownTmp,
        };
        expect(await isHealthy(healthcheck, env)).toBe(false);
        const child = spawn(process.execPath, [worker], { env, stdio: ["ignore", "pipe", "inherit"] });
        const exited = once(child, "exit");
        const relay = callersRelay(RELAY_ID, place.backend);
        const task = await relay.start(await requestFor({ file: ORDERS, sampleRows: 50 }));
        await once(child.stdout, "data");
        expect(await isHealthy(healthcheck, env)).toBe(true);
        child.kill("SIGTERM");
        expect(await exited).toEqual([0, null]);
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
