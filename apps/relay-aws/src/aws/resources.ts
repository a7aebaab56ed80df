import { readFile } from "node:fs/promises";
import { type AwsBackend, aws, type Resources } from "@agenthandoff/aws";
import { InvalidOptionsError } from "@agenthandoff/core";
import { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";

/** Where the relay lives: what `ensureResources` or the Terraform module gave, and the relay's id. */
export interface RelayResources extends Resources {
  readonly relayId: string;
  /** Before every key in the bucket. */
  readonly prefix?: string | undefined;
}

/** Functions and containers are told it by their environment. */
export const RESOURCES_VARIABLE = "RESOURCES";

const text = z.string().min(1);
const schema: z.ZodType<RelayResources> = z.object({
  relayId: text,
  prefix: z.string().optional(),
  bucket: text,
  table: text,
  queues: z.record(text, z.object({ url: text, deadLetterUrl: text })),
});

/** @throws InvalidOptionsError that says where the text was and what is wrong with it */
export function parseResources(json: string, where: string): RelayResources {
  const wrong = (why: string) =>
    new InvalidOptionsError(`${where} does not say where the relay lives: ${why}; the command \`resources\` writes it`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw wrong(z.prettifyError(parsed.error));
  return parsed.data;
}

/** @throws InvalidOptionsError */
export async function readResources(path: string): Promise<RelayResources> {
  const json = await readFile(path, "utf8").catch((cause: Error) => {
    const advice = "make it with the command `resources`, or name another with --resources";
    throw new InvalidOptionsError(`${path} cannot be read (${cause.message}); ${advice}`, { cause });
  });
  return parseResources(json, path);
}

/** Where the relay of this function or container lives. @throws InvalidOptionsError */
export const resourcesOfEnvironment = (): RelayResources =>
  parseResources(process.env[RESOURCES_VARIABLE] ?? "", `the environment variable ${RESOURCES_VARIABLE}`);

/** S3 clients where the environment names a server of one's own: it has no host name for each bucket. */
export function ownServerClients(): { readonly s3?: S3Client } {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const ownServer = (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL) !== undefined;
  return ownServer ? { s3: new S3Client({ forcePathStyle: true }) } : {};
}

export const backendOn = ({ bucket, table, queues, prefix = "" }: RelayResources): AwsBackend =>
  aws({ bucket, table, queues, prefix, clients: ownServerClients() });
