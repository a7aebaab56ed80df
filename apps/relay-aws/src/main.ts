import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { AGENTS, agentNames } from "./commands/agents.js";
import { runProcess } from "./commands/process.js";
import { say } from "./commands/say.js";

// Each command loads what it needs: whoever approves a release loads no model.

const APP = resolve(import.meta.dirname, "..");
/** npm changes into the package's folder; INIT_CWD is where the user stands. */
const STANDING = process.env.INIT_CWD ?? process.cwd();
const DEFAULT_OUT = resolve(APP, "../../out");
const DEFAULT_FILE = join(APP, "data", "orders.csv");

/** For commands that go on until they are told to stop; a parent that is gone tells so too. */
function untilStopped(): AbortSignal {
  const stop = new AbortController();
  for (const event of ["SIGINT", "SIGTERM", "disconnect"]) process.once(event, () => stop.abort());
  process.channel?.unref();
  return stop.signal;
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 to 9999999.");
  return Number(text);
}

function agentsArgument(text: string): ReturnType<typeof agentNames> {
  try {
    return agentNames(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const program = new Command("relay-aws")
  .description("The typed-package relay on S3, SQS FIFO, DynamoDB and Lambda, with a person's approval before Deploy.")
  .option("--resources <file>", "where the relay lives, as the command `resources` wrote it", "resources.json");

const resourcesFile = (): string => resolve(STANDING, program.opts<{ resources: string }>().resources);
const resources = async () => (await import("./aws/resources.js")).readResources(resourcesFile());
const taskOf = async (id: string) => {
  const [{ callersRelay }, { backendOn }] = [await import("./agents/declared.js"), await import("./aws/resources.js")];
  const found = await resources();
  return callersRelay(found.relayId, backendOn(found)).task(id);
};

program
  .command("resources")
  .description("create what the relay needs where it is missing (for development), and write the file of --resources")
  .requiredOption("--bucket <name>", "the bucket of the contexts")
  .requiredOption("--table <name>", "the table of the audit log")
  .option("--relay <id>", "the relay's id: it begins the names of its queues", "typed-package")
  .action(async ({ bucket, table, relay: relayId }: { bucket: string; table: string; relay: string }) => {
    const [{ ensureResources }, { ownServerClients }, { FUNCTION_TIMEOUT_MS: functionTimeoutMs }] = await Promise.all([
      import("@agenthandoff/aws"),
      import("./aws/resources.js"),
      import("./lambda/local-functions.js"),
    ]);
    const clients = ownServerClients();
    const made = await ensureResources({ relayId, agents: AGENTS, bucket, table, functionTimeoutMs, clients });
    await writeFile(resourcesFile(), `${JSON.stringify({ relayId, ...made }, null, 2)}\n`);
    say(`written: ${resourcesFile()}`);
  });

program
  .command("start")
  .description("start a task for a CSV, TSV, JSON or NDJSON file")
  .argument("[file]", "the file; default: orders.csv of this app")
  .option("--task-id <id>", "name the task; default: a name made from the file's content")
  .option("--sample <rows>", "how many rows Research may look at", positiveInteger, 200)
  .action(async (file: string | undefined, { taskId, sample }: { taskId?: string; sample: number }) => {
    const { start } = await import("./commands/start.js");
    const path = file === undefined ? DEFAULT_FILE : resolve(STANDING, file);
    const task = await start(await resources(), { file: path, taskId, sampleRows: sample });
    say(`started: ${task.id}`);
  });

program
  .command("worker")
  .description("work as a long-lived process, until Ctrl-C")
  .option("--agents <names>", "whose work to do, by commas; default: everybody's", agentsArgument)
  .action(async ({ agents }: { agents?: (typeof AGENTS)[number][] }) => {
    const { work } = await import("./commands/worker.js");
    await work(await resources(), { agents, signal: untilStopped() }, say);
  });

program
  .command("lambda")
  .description("bundle the Lambda functions and feed them from the queues on this machine, until Ctrl-C")
  .action(async () => {
    const { lambda } = await import("./commands/lambda.js");
    await lambda(await resources(), untilStopped(), say);
  });

program
  .command("functions")
  .description("bundle the Lambda functions for AWS, each into a folder of its own")
  .option("--out <directory>", "where they go", "functions")
  .action(async ({ out }: { out: string }) => {
    const { functionFolders } = await import("./lambda/function-folder.js");
    for (const { file, bytes } of Object.values(await functionFolders(resolve(STANDING, out))))
      say(`${file}: ${bytes} bytes`);
  });

program
  .command("container")
  .description("bundle a worker into a folder that `docker build` takes")
  .option("--out <directory>", "where it goes", "container")
  .action(async ({ out }: { out: string }) => {
    const { containerFolder } = await import("./container/container-folder.js");
    const folder = resolve(STANDING, out);
    await containerFolder(folder);
    say(`ready: docker build --tag relay-aws-worker ${folder}`);
  });

program
  .command("approve")
  .description("answer the question that a task waits with")
  .argument("<task>")
  .requiredOption("--by <name>", "who answers: it stands in the record for ever")
  .option("--reject <reason>", "do not allow it: Code gets the task back with this reason")
  .option("--head <hash>", "the head that you saw, as `status` shows it; a question that came since is not answered")
  .action(async (id: string, request: { by: string; reject?: string; head?: string }) => {
    const { approve } = await import("./commands/approve.js");
    await approve(await taskOf(id), request);
    say(`${id}: ${request.reject === undefined ? "approved" : "rejected"} by ${request.by}`);
  });

program
  .command("status")
  .description("show where a task is, what it asks, and its audit trail")
  .argument("<task>")
  .action(async (id: string) => {
    const { status } = await import("./commands/status.js");
    await status(await taskOf(id), say);
  });

program
  .command("package")
  .description("write what a completed task left: the tarball, its report and its source")
  .argument("<task>")
  .option("--out <directory>", "where the task's folder goes; default: out/ in this repository")
  .action(async (id: string, { out }: { out?: string }) => {
    const [{ takePackage }, { fullRelay }, { backendOn }] = await Promise.all([
      import("./commands/package.js"),
      import("./agents/full-relay.js"),
      import("./aws/resources.js"),
    ]);
    const found = await resources();
    const task = fullRelay(found.relayId, backendOn(found)).task(id);
    await takePackage(task, resolve(STANDING, out ?? DEFAULT_OUT), say);
  });

program
  .command("demo")
  .description("do all of it on local servers: nothing of AWS is touched")
  .argument("[file]", "the file; default: orders.csv of this app")
  .option("--out <directory>", "where the package goes; default: out/ in this repository")
  .action(async (file: string | undefined, { out }: { out?: string }) => {
    const { demo } = await import("./commands/demo.js");
    const path = file === undefined ? DEFAULT_FILE : resolve(STANDING, file);
    await demo({ file: path, out: resolve(STANDING, out ?? DEFAULT_OUT) }, say);
  });

await runProcess(() => program.parseAsync());
