import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureResources } from "@agenthandoff/aws";
import type { Task, TaskResult } from "@agenthandoff/core";
import { credentials, region, startServers } from "@agenthandoff/test-servers";
import { inspectInput } from "@agenthandoff/typed-package";
import { z } from "zod";
import { callersRelay } from "../agents/declared.js";
import { fullRelay } from "../agents/full-relay.js";
import type { Question } from "../agents/release.js";
import { backendOn, ownServerClients, type RelayResources } from "../aws/resources.js";
import { FUNCTION_TIMEOUT_MS } from "../lambda/local-functions.js";
import { AGENTS } from "./agents.js";
import { anotherProcess } from "./another-process.js";
import { lambda } from "./lambda.js";
import { takePackage } from "./package.js";
import type { Say } from "./say.js";
import { start } from "./start.js";
import { status } from "./status.js";

export interface DemoRequest {
  readonly file: string;
  /** Where the package goes. */
  readonly out: string;
}

const columnsAsked: z.ZodType<Pick<Question, "columns">> = z.object({ columns: z.array(z.string()) });

/** A refusal that the offline model can work from, where a column of the file has a few values only. */
export function refusalOf(question: unknown): string {
  const columns = columnsAsked.parse(question).columns.map((column) => {
    const end = column.lastIndexOf(": ");
    return { name: column.slice(0, end), kind: column.slice(end + 2) };
  });
  const few = columns.filter(({ kind }) => kind === "enum");
  const { name } = few.find((column) => column.name === "status") ?? few[0] ?? columns[0] ?? { name: "status" };
  return `more kinds of ${name} will come: let ${name} take any text`;
}

/**
 * One task on local servers: functions work until it asks, somebody refuses, workers go on, somebody allows it.
 * @throws InputError for a file that cannot be used, before anything is started
 * @throws where a server cannot be had, saying what is missing and how to get it
 */
export async function demo({ file, out }: DemoRequest, say: Say): Promise<void> {
  await inspectInput(file);
  say("Local servers stand for S3, SQS and DynamoDB. The first time they are fetched, which takes a while.");
  const { servers, stop } = await startServers(["s3", "sqs", "dynamodb"], { say });
  const folder = await mkdtemp(join(tmpdir(), "relay-aws-"));
  try {
    process.env.AWS_ENDPOINT_URL_S3 = servers.s3.endpoint;
    process.env.AWS_ENDPOINT_URL_SQS = servers.sqs.endpoint;
    process.env.AWS_ENDPOINT_URL_DYNAMODB = servers.dynamodb.endpoint;
    process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
    process.env.AWS_REGION = region;
    const relayId = "typed-package";
    const resources: RelayResources = {
      relayId,
      ...(await ensureResources({
        relayId,
        agents: AGENTS,
        bucket: "relay-aws-demo",
        table: "relay-aws-demo",
        functionTimeoutMs: FUNCTION_TIMEOUT_MS,
        clients: ownServerClients(),
      })),
    };
    // Said once is enough.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
    const resourcesFile = join(folder, "resources.json");
    await writeFile(resourcesFile, JSON.stringify(resources));
    say(`A bucket, a table and ${AGENTS.length} queues, each with a dead-letter queue, are there.`);

    const { id } = await start(resources, { file, sampleRows: 200 });
    const task = callersRelay(relayId, backendOn(resources)).task(id);
    say(`\nTask ${id} is started. Lambda functions work on it, each invocation a process of its own:\n`);
    const asked = await workedByFunctions(resources, task, say);
    tellQuestion(asked, say);

    const refusal = refusalOf(asked.question);
    say(`\nBo refuses, in a process of his own: ${refusal}`);
    const person = ["--resources", resourcesFile, "approve", id];
    await answerInAnotherProcess([...person, "--by", "bo", "--head", asked.head, "--reject", refusal], say);
    say("\nThe same task goes on in a long-lived worker:\n");
    const worker = anotherProcess(["--resources", resourcesFile, "worker"], {
      onOutput: (text) => void process.stdout.write(text),
    });
    const ended = worker.finished.then(({ exitCode }): never => {
      throw new Error(`the worker ended with ${exitCode}`);
    });
    ended.catch(() => {});
    try {
      const again = waiting(await Promise.race([task.result(), ended]));
      tellQuestion(again, say);
      say("\nAnn, who saw the first question only, allows that one:");
      await answerInAnotherProcess([...person, "--by", "ann", "--head", asked.head], say, 1);
      say("\nShe reads the new one, and allows it:");
      await answerInAnotherProcess([...person, "--by", "ann", "--head", again.head], say);
      const result = await Promise.race([task.result(), ended]);
      if (result.status !== "completed") throw new Error(`the task is ${result.status}`);
    } finally {
      await worker.stop();
    }
    say();
    await status(task, say);
    say();
    await takePackage(fullRelay(relayId, backendOn(resources)).task(id), out, say);
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Waiting = Extract<TaskResult, { readonly status: "waiting" }>;

function waiting(result: TaskResult): Waiting {
  if (result.status === "waiting") return result;
  const why = "reason" in result ? result.reason : undefined;
  throw new Error(`the task should ask, and it is ${result.status}: ${why ?? "for no reason"}`);
}

async function workedByFunctions(resources: RelayResources, task: Task, say: Say): Promise<Waiting> {
  const done = new AbortController();
  const working = lambda(resources, done.signal, say);
  try {
    return waiting(await Promise.race([task.result({ signal: done.signal }), working.then(() => task.result())]));
  } finally {
    done.abort();
    await working;
  }
}

function tellQuestion({ question, head }: Waiting, say: Say): void {
  say(`\nIt waits, and nobody works. It asks: ${JSON.stringify(question, null, 2)}\nhead: ${head}`);
}

async function answerInAnotherProcess(args: readonly string[], say: Say, expected = 0): Promise<void> {
  const { exitCode, output } = await anotherProcess(args).finished;
  say(`  ${output.trim()}`);
  if (exitCode !== expected) throw new Error(`the answer ended with ${exitCode}, not ${expected}`);
}
