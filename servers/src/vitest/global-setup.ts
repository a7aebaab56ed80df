import type { TestProject } from "vitest/node";
import { SERVICES } from "../services.js";
import { type MissingServer, type RunningServer, startServer } from "../start-servers.js";
import type { AwsServers } from "./index.js";

/** Every project of a run executes its own copy of this file, in one process: they share the servers by this name. */
interface Shared {
  users: number;
  servers: Promise<readonly (RunningServer | MissingServer)[]> | undefined;
}
const SHARED = Symbol.for("agenthandoff.test-servers");

const shared = (): Shared => {
  const holder = globalThis as { [SHARED]?: Shared };
  holder[SHARED] ??= { users: 0, servers: undefined };
  return holder[SHARED];
};

const startAll = async (): Promise<readonly (RunningServer | MissingServer)[]> => {
  const servers = await Promise.all(
    SERVICES.map((service) => startServer(service, { say: (line) => console.log(line) })),
  );
  const missing = servers.flatMap((server) => ("missing" in server ? [server.missing] : []));
  if (missing.length > 0 && process.env.CI === "true") {
    throw new Error(`CI needs every server.\n${missing.join("\n")}`);
  }
  for (const line of missing) console.log(`Suites that need it are skipped: ${line}`);
  return servers;
};

/** The first project that runs starts the servers, the last one stops them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = shared();
  state.users += 1;
  state.servers ??= startAll();
  const servers = await state.servers;
  const provided = Object.fromEntries(
    servers.map((server) => [
      server.service,
      "missing" in server
        ? { name: server.name, missing: server.missing }
        : { name: server.name, endpoint: server.endpoint },
    ]),
  ) as AwsServers;
  project.provide("awsServers", provided);
  return async () => {
    state.users -= 1;
    if (state.users > 0) return;
    state.servers = undefined;
    await Promise.all(servers.map((server) => ("missing" in server ? undefined : server.stop())));
  };
}
