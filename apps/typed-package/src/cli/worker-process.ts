import { type ChildProcess, fork } from "node:child_process";
import { z } from "zod";
import { AGENT_NAMES, type AgentName } from "../agents/typed-package-relay.js";
import type { Progress } from "./progress.js";

/** What a worker process is told when it begins. */
export interface WorkerTask {
  readonly store: string;
  readonly model: string | undefined;
  /** Stop for ever after the first tool of this agent, so that the process can be killed in the middle of it. */
  readonly stopIn: AgentName | undefined;
}

export const workerTask: z.ZodType<WorkerTask> = z.object({
  store: z.string(),
  model: z.string().optional(),
  stopIn: z.enum(AGENT_NAMES).optional(),
}) as z.ZodType<WorkerTask>;

export type WorkerMessage =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "stopped-in"; readonly agent: AgentName; readonly tool: string }
  | { readonly kind: "failed"; readonly message: string };

export interface WorkerProcess {
  readonly pid: number | undefined;
  /** Resolves when the worker has stopped in the middle of the agent that it was told. */
  readonly stopped: Promise<{ readonly agent: AgentName; readonly tool: string }>;
  /** Rejects when the worker ends by itself, which it must not. */
  readonly ended: Promise<never>;
  kill(): Promise<void>;
}

/** Starts a worker in a process of its own. */
export function startWorkerProcess(task: WorkerTask, onProgress: (progress: Progress) => void): WorkerProcess {
  const child: ChildProcess = fork(new URL("../worker-main.ts", import.meta.url), [JSON.stringify(task)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    errors = (errors + part).slice(-2_000);
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  let failure: string | undefined;
  let killed = false;
  const stopped = new Promise<{ agent: AgentName; tool: string }>((resolve) => {
    child.on("message", (message: WorkerMessage) => {
      if (message.kind === "progress") onProgress(message.progress);
      else if (message.kind === "stopped-in") resolve(message);
      else failure = message.message;
    });
  });
  const ended = closed.then<never>((code) => {
    if (killed) return new Promise<never>(() => undefined);
    throw new Error(failure ?? `the worker process ended by itself (${code}): ${errors}`);
  });
  ended.catch(() => undefined);
  return {
    pid: child.pid,
    stopped,
    ended,
    async kill() {
      killed = true;
      child.kill("SIGKILL");
      await closed;
    },
  };
}
