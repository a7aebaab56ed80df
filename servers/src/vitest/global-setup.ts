import type { TestProject } from "vitest/node";
import { choiceFrom, SERVICES, type Service, serverFor } from "../services.js";
import { type MissingServer, type RunningServer, startServer } from "../start-servers.js";
import { type AwsServers, NOT_ASKED_FOR } from "./index.js";

/** Projects that need one service alone; the others that run this file get all. */
const SERVICES_OF: Readonly<Record<string, readonly Service[]>> = {
  "store-s3": ["s3"],
  "transport-sqs": ["sqs"],
  "audit-dynamo": ["dynamodb"],
};

type Outcome = RunningServer | MissingServer;

/** Every project of a run executes its own copy of this file, in one process: they share the servers by this name. */
interface Shared {
  users: number;
  readonly servers: Map<Service, Promise<Outcome>>;
}
const SHARED = Symbol.for("agenthandoff.test-servers");

const shared = (): Shared => {
  const holder = globalThis as { [SHARED]?: Shared };
  holder[SHARED] ??= { users: 0, servers: new Map() };
  return holder[SHARED];
};

const startOnce = (servers: Shared["servers"], service: Service): Promise<Outcome> => {
  const started = servers.get(service);
  if (started !== undefined) return started;
  const starting = startServer(service, { say: (line) => console.log(line) }).then((outcome) => {
    if ("missing" in outcome) console.log(`Suites that need it are skipped: ${outcome.missing}`);
    return outcome;
  });
  servers.set(service, starting);
  return starting;
};

const stopAll = async (servers: Shared["servers"]): Promise<void> => {
  const outcomes = await Promise.allSettled(servers.values());
  servers.clear();
  await Promise.all(
    outcomes.map((outcome) =>
      outcome.status === "fulfilled" && "stop" in outcome.value ? outcome.value.stop() : undefined,
    ),
  );
};

const asTestsSeeIt = (outcome: Outcome): AwsServers[Service] =>
  "missing" in outcome
    ? { name: outcome.name, missing: outcome.missing }
    : { name: outcome.name, endpoint: outcome.endpoint };

/** The first project that needs a server starts it, the last project of the run stops them all. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { servers } = shared();
  const asked = SERVICES_OF[project.name] ?? SERVICES;
  const outcomes = await Promise.all(asked.map((service) => startOnce(servers, service)));
  const missing = outcomes.flatMap((outcome) => ("missing" in outcome ? [outcome.missing] : []));
  if (missing.length > 0 && process.env.CI === "true") {
    throw new Error(`CI needs every server.\n${missing.join("\n")}`);
  }
  const choice = choiceFrom();
  const others = SERVICES.filter((service) => !asked.includes(service));
  const provided = Object.fromEntries([
    ...outcomes.map((outcome) => [outcome.service, asTestsSeeIt(outcome)]),
    ...others.map((service) => [service, { name: serverFor(service, choice), missing: NOT_ASKED_FOR }]),
  ]) as AwsServers;
  project.provide("awsServers", provided);
  shared().users += 1;
  return async () => {
    shared().users -= 1;
    if (shared().users === 0) await stopAll(servers);
  };
}
