import { resourcesOfEnvironment } from "../aws/resources.js";
import { agentNames } from "../commands/agents.js";
import { runProcess } from "../commands/process.js";
import { say } from "../commands/say.js";
import { work } from "../commands/worker.js";
import { HEARTBEAT_FILE, keepBeating } from "./heartbeat.js";

// The container's first process: told to stop, it takes nothing new, lets its runs end, gives the rest back, and ends.

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

await runProcess(async () => {
  const { AGENTS, RECONCILE } = process.env;
  const agents = AGENTS === undefined ? undefined : agentNames(AGENTS, "The environment variable AGENTS");
  const resources = resourcesOfEnvironment();
  const ended = new AbortController();
  keepBeating(HEARTBEAT_FILE, ended.signal);
  try {
    await work(resources, { agents, signal: stop.signal, reconcile: RECONCILE !== "false" }, say);
  } finally {
    ended.abort();
  }
});
