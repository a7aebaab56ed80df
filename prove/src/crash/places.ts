import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aws, ensureResources, type Resources } from "@agenthandoff/aws";
import type { Backend } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import { credentials, region, type Service, startServers } from "@agenthandoff/test-servers";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { AGENTS, RELAY_ID } from "./scenario.js";

export const BACKENDS = ["local", "aws"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What a process needs to know to open the backend that all share: plain data, since it crosses processes. */
export type BackendSettings =
  | { readonly kind: "local"; readonly directory: string; readonly visibilityMs: number }
  | {
      readonly kind: "aws";
      readonly endpoints: Endpoints;
      readonly resources: Resources;
      readonly visibilityMs: number;
    };

export type Endpoints = Readonly<Record<Service, string>>;

/** Where a proof takes place, and a folder for what its processes write down. */
export interface Place {
  readonly settings: BackendSettings;
  readonly folder: string;
  dispose(): Promise<void>;
}

export function openBackend(settings: BackendSettings): Backend {
  const { visibilityMs } = settings;
  if (settings.kind === "local") return local({ directory: settings.directory, visibilityMs });
  const clients = clientsOf(settings.endpoints);
  const backend = aws({ ...settings.resources, visibilityMs, clients, onAdvice: () => {} });
  return {
    ...backend,
    async close() {
      await backend.close();
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

export async function createPlace(name: BackendName, endpoints?: Endpoints): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "agenthandoff-crash-"));
  const removeFolder = async () => await rm(folder, { recursive: true, force: true });
  if (name === "local") {
    // Short, so that what a dead worker held comes back soon.
    const settings = { kind: name, directory: join(folder, "relay"), visibilityMs: 1_000 };
    return { settings, folder, dispose: removeFolder };
  }
  if (endpoints !== undefined) return { settings: await awsSettings(endpoints), folder, dispose: removeFolder };
  const { servers, stop } = await startServers(["s3", "sqs", "dynamodb"]);
  const settings = await awsSettings({
    s3: servers.s3.endpoint,
    sqs: servers.sqs.endpoint,
    dynamodb: servers.dynamodb.endpoint,
  });
  return {
    settings,
    folder,
    async dispose() {
      await stop();
      await removeFolder();
    },
  };
}

async function awsSettings(endpoints: Endpoints): Promise<BackendSettings> {
  const clients = clientsOf(endpoints);
  const unique = `crash-${randomUUID().slice(0, 8)}`;
  const resources = await ensureResources({
    relayId: `${RELAY_ID}-${unique}`,
    agents: AGENTS,
    bucket: unique,
    table: unique,
    clients,
    // Whoever is killed costs each message it held a receipt; here that happens often, and nobody is at fault.
    maxReceiveCount: 1_000,
  });
  for (const client of Object.values(clients)) client.destroy();
  // The least that a worker of aws() can extend in time.
  return { kind: "aws", endpoints, resources, visibilityMs: 3_000 };
}

function clientsOf(endpoints: Endpoints) {
  const configuration = (service: Service) => ({ endpoint: endpoints[service], region, credentials });
  return {
    s3: new S3Client({ ...configuration("s3"), forcePathStyle: true }),
    sqs: new SQSClient(configuration("sqs")),
    dynamodb: new DynamoDBClient(configuration("dynamodb")),
  };
}
