import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditEvent } from "@agenthandoff/core";
import type { Finished } from "../commands/another-process.js";
import { type Place, RELAY_ID } from "./place.js";

const EXAMPLE = join(import.meta.dirname, "../../../../examples/python-agent");

/** The pins of the packages that it needs. */
export const PYTHON_AGENT: { readonly name: string; readonly requirements: string } = {
  name: "python-agent",
  requirements: join(EXAMPLE, "requirements.txt"),
};

/** A worker in Python, in a process of its own. */
export interface PythonAgent extends AsyncDisposable {
  readonly finished: Promise<Finished & { readonly signal: NodeJS.Signals | null }>;
  /** A folder in which it and the test tell each other things. */
  readonly folder: string;
  /** Asks it to end, as a container's platform does, and waits until it has. */
  stop(): Promise<Finished>;
}

export interface PythonAgentOptions {
  readonly python: string;
  readonly place: Pick<Place, "resources" | "environment">;
  /** `module:name`, the module in `examples/python-agent` or its `tests`. */
  readonly agent: string;
  readonly settings?: Readonly<Record<string, number>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process that has not ended so long after it was told to never will. */
const LATE_MS = 30_000;

/** Waits are as short as tests like them. */
const SETTINGS = { wait: 1, visibility: 30, backoff: 0.05, grace: 2, pause: 0.1 };

export async function pythonAgent(options: PythonAgentOptions): Promise<PythonAgent> {
  const { python, place, agent } = options;
  const folder = await mkdtemp(join(tmpdir(), "python-agent-"));
  const resources = join(folder, "resources.json");
  await writeFile(resources, JSON.stringify(place.resources));
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => [
    ...[`--${name}`, String(value)],
  ]);
  const child = spawn(python, ["-m", "agenthandoff_agent", "--resources", resources, ...settings, agent], {
    cwd: agent.startsWith("agents:") ? join(EXAMPLE, "tests") : EXAMPLE,
    env: {
      ...process.env,
      ...place.environment,
      AWS_DEFAULT_REGION: place.environment.AWS_REGION ?? "us-east-1",
      PYTHONPATH: EXAMPLE,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
      TEST_FOLDER: folder,
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const finished = new Promise<Finished & { signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal, output }));
  });
  const stop = (): Promise<Finished> => {
    child.kill("SIGTERM");
    return finished;
  };
  return {
    finished,
    folder,
    stop,
    async [Symbol.asyncDispose]() {
      // Not killed at once: a queue may give a message to the poll of a process that is gone.
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), LATE_MS);
      await finished;
      clearTimeout(late);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** All that the audit log tells of a task. */
export async function eventsOf({ backend }: Pick<Place, "backend">, taskId: string): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  for await (const event of backend.audit.events(RELAY_ID, taskId)) events.push(event);
  return events;
}
