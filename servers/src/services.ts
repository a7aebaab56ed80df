/** What stands behind each AWS service, every day and as a second opinion. */

export const SERVICES = ["s3", "sqs", "dynamodb"] as const;
export type Service = (typeof SERVICES)[number];

export const SERVER_NAMES = [
  "moto-s3",
  "elasticmq",
  "dynamodb-local",
  "seaweedfs",
  "moto-sqs",
  "moto-dynamodb",
] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

export type Choice = "everyday" | "second";

const CHOICES: Readonly<Record<Choice, Readonly<Record<Service, ServerName>>>> = {
  everyday: { s3: "moto-s3", sqs: "elasticmq", dynamodb: "dynamodb-local" },
  second: { s3: "seaweedfs", sqs: "moto-sqs", dynamodb: "moto-dynamodb" },
};

/** Picks a choice for a whole run without a change to any test. */
export const CHOICE_VARIABLE = "AWS_TEST_SERVERS";

/** `AWS_TEST_SERVERS` of `environment`: `everyday` (unset) or `second`. */
export const choiceFrom = (environment: NodeJS.ProcessEnv = process.env): Choice => {
  const value = environment[CHOICE_VARIABLE] ?? "everyday";
  if (value === "everyday" || value === "second") return value;
  throw new TypeError(`${CHOICE_VARIABLE} is "${value}": set it to "everyday" or "second", or leave it unset.`);
};

const isService = (name: Service | ServerName): name is Service => SERVICES.some((service) => service === name);

/** The server that stands behind a service under a choice; a server's own name stands for itself. */
export const serverFor = (name: Service | ServerName, choice: Choice): ServerName =>
  isService(name) ? CHOICES[choice][name] : name;
