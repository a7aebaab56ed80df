import type { AwsClients } from "@agenthandoff/aws";

type Input = Readonly<Record<string, unknown>>;

/** What somebody set up through AWS's own calls. */
export interface SetUp {
  /** The attributes of each queue, by its name. */
  readonly queues: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly versioning: unknown;
  readonly table: Input;
  readonly timeToLive: unknown;
}

/** Clients that keep what they are asked to set up, and answer as AWS would once it is there. */
export function recordingClients(): { readonly clients: AwsClients; readonly setUp: () => SetUp } {
  const queues = new Map<string, Record<string, string>>();
  let versioning: unknown;
  let table: Input | undefined;
  let timeToLive: unknown;

  const nameOf = (url: unknown): string => String(url).split("/").at(-1) ?? "";
  const keep = (name: string, attributes: unknown) => {
    queues.set(name, { ...queues.get(name), ...(attributes as Record<string, string>) });
  };
  const active = (indexes: unknown) => (indexes as Input[]).map((index) => ({ ...index, IndexStatus: "ACTIVE" }));

  const answers: Readonly<Record<string, (input: Input) => object>> = {
    CreateBucketCommand: () => ({}),
    PutBucketVersioningCommand(input) {
      versioning = (input.VersioningConfiguration as Input).Status;
      return {};
    },
    CreateQueueCommand({ QueueName, Attributes }) {
      keep(String(QueueName), Attributes);
      return { QueueUrl: `https://sqs.local/${String(QueueName)}` };
    },
    SetQueueAttributesCommand({ QueueUrl, Attributes }) {
      keep(nameOf(QueueUrl), Attributes);
      return {};
    },
    GetQueueAttributesCommand: ({ QueueUrl }) => ({ Attributes: { QueueArn: `arn:${nameOf(QueueUrl)}` } }),
    CreateTableCommand(input) {
      table = input;
      return {};
    },
    DescribeTableCommand: () => ({
      Table: { ...table, TableStatus: "ACTIVE", GlobalSecondaryIndexes: active(table?.GlobalSecondaryIndexes) },
    }),
    DescribeTimeToLiveCommand: () => ({
      TimeToLiveDescription:
        timeToLive === undefined ? { TimeToLiveStatus: "DISABLED" } : { ...timeToLive, TimeToLiveStatus: "ENABLED" },
    }),
    UpdateTimeToLiveCommand(input) {
      timeToLive = input.TimeToLiveSpecification;
      return {};
    },
  };
  const client = {
    config: { region: async () => "eu-central-1" },
    destroy() {},
    async send(command: { readonly input: Input }) {
      const answer = answers[command.constructor.name];
      if (answer === undefined) throw new Error(`nobody expected ${command.constructor.name}`);
      return answer(command.input);
    },
  };
  // These members are all that is used of a client; the rest of the SDK's classes nobody else can have.
  const clients = { s3: client, sqs: client, dynamodb: client } as unknown as AwsClients;
  return {
    clients,
    setUp() {
      if (table === undefined) throw new Error("no table was made");
      return { queues, versioning, table, timeToLive };
    },
  };
}
