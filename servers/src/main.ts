import { Command, Option } from "commander";
import { credentials, region } from "./credentials.js";
import { SERVICES, type Service } from "./services.js";
import { type RunningServer, startServer } from "./start-servers.js";

const VARIABLES: Readonly<Record<Service, string>> = {
  s3: "AWS_ENDPOINT_URL_S3",
  sqs: "AWS_ENDPOINT_URL_SQS",
  dynamodb: "AWS_ENDPOINT_URL_DYNAMODB",
};

interface Options {
  readonly only?: readonly Service[];
  readonly choice?: "everyday" | "second";
  readonly json?: boolean;
}

const print = (servers: readonly RunningServer[], json: boolean): void => {
  const variables = {
    ...Object.fromEntries(servers.map((server) => [VARIABLES[server.service], server.endpoint])),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    // boto3 reads no other.
    AWS_DEFAULT_REGION: region,
  };
  if (json) {
    const described = servers.map(({ name, service, endpoint, processId, log }) => ({
      name,
      service,
      endpoint,
      process_id: processId,
      log,
    }));
    console.log(JSON.stringify({ servers: described, environment: variables }));
    return;
  }
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${value}`);
  console.error(`${servers.map((server) => server.name).join(", ")} run until Ctrl-C.`);
};

const untilAsked = (): Promise<void> =>
  new Promise((resolve) => {
    // A timer keeps the process alive: the servers' own pipes do not.
    const alive = setInterval(() => undefined, 60_000);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });

const run = async (options: Options): Promise<void> => {
  const outcomes = await Promise.all(
    (options.only ?? SERVICES).map((service) =>
      startServer(service, {
        ...(options.choice === undefined ? {} : { choice: options.choice }),
        say: (line) => console.error(line),
      }),
    ),
  );
  const running = outcomes.filter((outcome): outcome is RunningServer => "endpoint" in outcome);
  const missing = outcomes.flatMap((outcome) => ("missing" in outcome ? [outcome.missing] : []));
  for (const line of missing) console.error(line);
  if (missing.length === 0) {
    print(running, options.json ?? false);
    await untilAsked();
  } else process.exitCode = 1;
  await Promise.all(running.map((server) => server.stop()));
};

await new Command("servers")
  .description("Starts what stands for S3, SQS and DynamoDB here, and stops it at Ctrl-C.")
  .addOption(new Option("--only <services...>", "only these").choices(SERVICES))
  .addOption(
    new Option("--choice <choice>", "the everyday servers or the second opinions").choices(["everyday", "second"]),
  )
  .option("--json", "print one line of JSON in place of export lines")
  .action(run)
  .parseAsync(process.argv);
