import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHOICE_VARIABLE } from "@agenthandoff/test-servers";

const ROOT = join(import.meta.dirname, "../../..");

/** The drivers whose promises are tested, each a project of the workspace. */
const DRIVERS = ["store-s3", "transport-sqs", "audit-dynamo"] as const;

export interface DriverReport {
  readonly driver: (typeof DRIVERS)[number];
  readonly kept: number;
  readonly broken: readonly string[];
  /** Left out, each with its reason: in its title, or printed by the suite. */
  readonly skipped: readonly string[];
}

export interface ServersReport {
  /** Which servers stood behind the suites: `everyday` or `second`. */
  readonly servers: string;
  readonly drivers: readonly DriverReport[];
}

/** Runs each AWS driver's conformance suite against one choice of servers, one driver after the other. */
export async function proveServers(options: {
  readonly servers: "everyday" | "second";
  readonly onProgress: (line: string) => void;
}): Promise<ServersReport> {
  const drivers: DriverReport[] = [];
  for (const driver of DRIVERS) {
    options.onProgress(`${driver} on the ${options.servers} servers`);
    drivers.push(await runSuite(driver, options.servers));
  }
  return { servers: options.servers, drivers };
}

/** What vitest's JSON reporter tells, as far as it is read here. */
interface TestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

async function runSuite(driver: DriverReport["driver"], servers: string): Promise<DriverReport> {
  const folder = await mkdtemp(join(tmpdir(), "agenthandoff-servers-"));
  const outputFile = join(folder, "report.json");
  try {
    const child = spawn(
      join(ROOT, "node_modules/.bin/vitest"),
      ["run", "--project", driver, "conformance", "--reporter=json", `--outputFile.json=${outputFile}`],
      // A server that cannot be had must fail, not be skipped.
      { cwd: ROOT, env: { ...process.env, [CHOICE_VARIABLE]: servers, CI: "true" }, stdio: ["ignore", 2, 2] },
    );
    await once(child, "exit");
    const { testResults } = JSON.parse(await readFile(outputFile, "utf8")) as TestReport;
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const titled = (...statuses: readonly string[]) =>
      tests.filter(({ status }) => statuses.includes(status)).map(({ title }) => title);
    // A file that could not be loaded has a message and no tests.
    const unloaded = testResults.filter((file) => file.assertionResults.length === 0).map(({ message }) => message);
    return {
      driver,
      kept: titled("passed").length,
      broken: [...titled("failed"), ...unloaded],
      skipped: titled("skipped", "pending", "todo"),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
