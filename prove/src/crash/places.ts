import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureResources } from "@agenthandoff/aws";
import type { Backend } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import { startServers } from "@agenthandoff/test-servers";
import { type AwsSettings, clientsOf, type Endpoints, openAws } from "./aws-backend.js";
import { AGENTS, RELAY_ID } from "./scenario.js";

export const BACKENDS = ["local", "aws"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What a process needs to know to open the backend that all share: plain data, since it crosses processes. */
export type BackendSettings =
  | { readonly kind: "local"; readonly directory: string; readonly visibilityMs: number }
  | AwsSettings;

/** Short: what a dead function held comes back when it would have ended, and a little later. */
export const FUNCTION_TIMEOUT_MS = 4_000;

/** Where a proof takes place, and a folder for what its processes write down. */
export interface Place {
  readonly settings: BackendSettings;
  readonly folder: string;
  dispose(): Promise<void>;
}

export function openBackend(settings: BackendSettings): Backend {
  if (settings.kind === "aws") return openAws(settings);
  return local({ directory: settings.directory, visibilityMs: settings.visibilityMs });
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

async function awsSettings(endpoints: Endpoints): Promise<AwsSettings> {
  const clients = clientsOf(endpoints);
  const unique = `crash-${randomUUID().slice(0, 8)}`;
  // The least that a worker of aws() can extend in time.
  const visibilityMs = 3_000;
  const resources = await ensureResources({
    relayId: `${RELAY_ID}-${unique}`,
    agents: AGENTS,
    bucket: unique,
    table: unique,
    clients,
    visibilityMs,
    functionTimeoutMs: FUNCTION_TIMEOUT_MS,
    // Whoever is killed costs each message it held a receipt; here that happens often, and nobody is at fault.
    maxReceiveCount: 1_000,
  });
  for (const client of Object.values(clients)) client.destroy();
  return { kind: "aws", endpoints, resources, visibilityMs };
}
