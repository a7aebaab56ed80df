import { spawn } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface ServerCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  /** Paths that it leaves behind outside of its scratch folder. */
  readonly leftovers?: readonly string[];
  /** Answered with a 200 once the server is ready to work. */
  readonly probe: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

export interface ServerProcess {
  readonly port: number;
  /** Of the supervisor that ends the server. */
  readonly processId: number;
  stop(): Promise<void>;
}

const SUPERVISOR = join(import.meta.dirname, "supervisor.mjs");
const POLL_MS = 25;
/** Only a hang takes so long. */
const READY_WITHIN_MS = 120_000;
const TRIES = 3;

/** A port that nobody listens on at this moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const listener = createServer().once("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address();
      listener.close(() =>
        address !== null && typeof address === "object"
          ? resolve(address.port)
          : reject(new Error("The system gave no free port.")),
      );
    });
  });

const answers = async (port: number, { method, headers, body }: ServerCommand["probe"]): Promise<boolean> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
};

const tryOnce = async (
  log: string,
  commandFor: (port: number, scratch: string) => ServerCommand | Promise<ServerCommand>,
): Promise<ServerProcess | undefined> => {
  const port = await freePort();
  const scratch = await mkdtemp(join(tmpdir(), "agenthandoff-server-"));
  const { command, arguments: commandArguments, leftovers = [], probe } = await commandFor(port, scratch);
  const child = spawn(
    process.execPath,
    [SUPERVISOR, log, scratch, JSON.stringify(leftovers), command, ...commandArguments],
    { stdio: ["pipe", "ignore", "ignore"] },
  );
  let running = true;
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => {
      running = false;
      resolve();
    });
  });
  // A process that has nothing else to do may end: the end of its pipe ends the server.
  child.unref();
  (child.stdin as { unref?: () => void }).unref?.();
  const stop = async (): Promise<void> => {
    child.ref();
    child.stdin.end();
    await ended;
  };
  const deadline = performance.now() + READY_WITHIN_MS;
  while (running && performance.now() < deadline) {
    // Somebody else's server on the port answers too: ours must still run after the answer.
    if ((await answers(port, probe)) && running) return { port, processId: child.pid ?? -1, stop };
    await delay(POLL_MS);
  }
  await stop();
  return undefined;
};

/** Starts a server on a free port. @throws with the end of its log when it does not become ready. */
export const startProcess = async (
  log: string,
  commandFor: (port: number, scratch: string) => ServerCommand | Promise<ServerCommand>,
): Promise<ServerProcess> => {
  // A port that was free a moment ago may be taken by now.
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const started = await tryOnce(log, commandFor);
    if (started !== undefined) return started;
  }
  const output = await readFile(log, "utf8").catch(() => "");
  throw new Error(`It did not become ready. The end of its log (${log}):\n${output.slice(-2_000)}`);
};
