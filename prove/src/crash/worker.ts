import { doomedRelay, type Life } from "./doomed-relay.js";
import { type BackendSettings, openBackend } from "./places.js";
import type { AgentName } from "./scenario.js";

// A worker process that will be killed.

export interface WorkerSettings extends Life {
  readonly backend: BackendSettings;
  readonly agents: readonly AgentName[];
}

const { agents, backend, ...life } = JSON.parse(process.argv[2] ?? "{}") as WorkerSettings;
const relay = doomedRelay(openBackend(backend), life);

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.stdout.write("ready\n");
await relay.worker({ agents, signal: stop.signal, concurrency: 4, reconcileEveryMs: 2_000 });
await relay.close();
