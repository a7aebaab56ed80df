import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWith } from "../testing/describe-with.js";

const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const CONFIG = join(import.meta.dirname, "fixture/vitest.config.ts");

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "servers-vitest-"));
});
afterAll(() => rm(scratch, { recursive: true }));

/** Runs the fixture's projects. @returns the exit code, what was printed, and each test with its status. */
const run = async (projects: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
  const report = join(scratch, `${projects.join("-")}.json`);
  const chosen = projects.flatMap((project) => ["--project", project]);
  const child = spawn(
    process.execPath,
    [VITEST, "run", "--config", CONFIG, ...chosen, "--reporter=default", "--reporter=json", `--outputFile=${report}`],
    { env: { ...process.env, CI: "", VITEST: "", AWS_TEST_SERVERS: "everyday", ...environment } },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  }
  const [code] = (await once(child, "close")) as [number];
  const written = await readFile(report, "utf8").catch(() => undefined);
  const { testResults } = written === undefined ? { testResults: [] } : (JSON.parse(written) as Report);
  const tests = testResults.flatMap((file) => file.assertionResults.map((test) => [test.status, test.fullName]));
  return { code, output, tests };
};

// No program of the machine is found there.
const bare = () => ({ PATH: scratch, AGENTHANDOFF_SERVERS_CACHE: scratch });

await describeWith(["moto-s3", "elasticmq", "dynamodb-local"], "the global setup with servers", () => {
  it("starts each server once for all projects that need it, and stops it after the last", async () => {
    const { code, tests } = await run(["one", "two", "without"]);
    expect(code).toBe(0);
    expect(tests.map(([status]) => status)).toEqual(["passed", "passed", "passed"]);
    const titles = new Set(tests.flatMap(([, title = ""]) => (title.includes("talks to") ? [title] : [])));
    expect(titles.size).toBe(1);
    const endpoints = [...titles].join().match(/http:\/\/\S+/gu) ?? [];
    expect(endpoints).toHaveLength(2);
    for (const endpoint of endpoints) await expect(fetch(endpoint)).rejects.toThrow();
  });

  it("starts no more than a project asks for, and fails a suite that needs more", async () => {
    const { code, output, tests } = await run(["store-s3"]);
    expect(code).toBe(1);
    expect(tests).toEqual([["passed", "with S3 talks to S3"]]);
    expect(output).toContain("elasticmq does not run, since this project does not ask for it");
  });
});

describe("the global setup", () => {
  it("starts nothing for projects that need none", async () => {
    expect(await run(["without"], { ...bare(), CI: "true" })).toMatchObject({
      code: 0,
      tests: [["passed", "needs no server"]],
    });
  });

  it("fails a run of CI that lacks a server, and says what to install", async () => {
    const { code, output, tests } = await run(["one"], { ...bare(), CI: "true" });
    expect(code).toBe(1);
    expect(tests).toEqual([]);
    expect(output).toContain("ElasticMQ needs Java 17 or later, Maven: apt-get install default-jdk-headless maven");
  });

  it("lists suites as skipped elsewhere, with the reason", async () => {
    const { code, tests } = await run(["one", "without"], bare());
    expect(code).toBe(0);
    expect(tests).toContainEqual(["passed", "needs no server"]);
    const skipped = tests.filter(([status]) => status === "skipped").map(([, title]) => title);
    expect(skipped).toHaveLength(1);
    expect(skipped[0]).toMatch(/^with servers \(skipped: moto's S3.* needs Python .*; ElasticMQ needs Java/u);
  });
});
