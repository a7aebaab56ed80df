import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { basename, join } from "node:path";
import { region } from "../credentials.js";

export interface FunctionOptions {
  /** A bundle that needs nothing else: see `bundleFunction`. */
  readonly bundle: string;
  /** What it exports. Default: `handler`. */
  readonly handler?: string;
  /** Its timeout, in milliseconds, counted from when it has been loaded. */
  readonly timeoutMs: number;
  /** Beside the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What Lambda reports of an error: the function's own, or one of loading it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type Invocation = InvocationOutcome & {
  /** How long loading the bundle took, in milliseconds; `undefined` where it was never loaded. */
  readonly initMs: number | undefined;
  /** What it printed. */
  readonly log: string;
};

type InvocationOutcome =
  | { readonly status: "returned"; readonly response: unknown }
  | { readonly status: "error"; readonly error: FunctionError }
  /** Its time was over: it was killed. */
  | { readonly status: "timed-out" }
  /** It was killed by the signal, or it ended by itself. */
  | { readonly status: "died" };

/** A Lambda function: each invocation is a process of its own. */
export interface LambdaFunction {
  readonly name: string;
  /**
   * Invokes it once, in a fresh process, which is gone when this resolves.
   * @param options.signal Aborting it kills the process, as a crash does.
   * @param options.onStarted Told the process id once the handler was called.
   */
  invoke(
    event: unknown,
    options?: { readonly signal?: AbortSignal; readonly onStarted?: (processId: number) => void },
  ): Promise<Invocation>;
}

type Answer =
  | { readonly ready: true; readonly initMs: number }
  | { readonly response: unknown }
  | { readonly error: FunctionError };

const RUNTIME = join(import.meta.dirname, "runtime.mjs");
const ACCOUNT = "000000000000";

export const lambdaFunction = ({
  bundle,
  handler = "handler",
  timeoutMs,
  environment = {},
}: FunctionOptions): LambdaFunction => {
  const name = basename(bundle).replace(/\.\w+$/, "");
  return {
    name,
    invoke: (event, { signal, onStarted } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [RUNTIME, bundle, handler], {
          stdio: ["ignore", "pipe", "pipe", "ipc"],
          env: { ...process.env, AWS_REGION: region, AWS_LAMBDA_FUNCTION_NAME: name, ...environment },
        });
        let log = "";
        let initMs: number | undefined;
        let timer: NodeJS.Timeout | undefined;
        let outcome: InvocationOutcome = { status: "died" };
        for (const stream of [child.stdout, child.stderr])
          stream?.setEncoding("utf8").on("data", (chunk: string) => {
            log += chunk;
          });
        const end = (reached: InvocationOutcome): void => {
          outcome = reached;
          child.kill("SIGKILL");
        };
        const kill = (): void => end({ status: "died" });
        signal?.addEventListener("abort", kill, { once: true });
        if (signal?.aborted) kill();
        child.once("error", reject);
        child.on("message", (answer: Answer) => {
          if ("error" in answer) return end({ status: "error", error: answer.error });
          if ("response" in answer) return end({ status: "returned", response: answer.response });
          initMs = answer.initMs;
          timer = setTimeout(() => end({ status: "timed-out" }), timeoutMs);
          // It may have been killed meanwhile, which its end tells.
          child.send({ event, timeoutMs, context: contextOf(name) }, () => {});
          onStarted?.(child.pid ?? -1);
        });
        child.once("close", () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", kill);
          resolve({ ...outcome, initMs, log });
        });
      }),
  };
};

const contextOf = (name: string): Record<string, unknown> => ({
  functionName: name,
  functionVersion: "$LATEST",
  invokedFunctionArn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`,
  memoryLimitInMB: "512",
  awsRequestId: randomUUID(),
  logGroupName: `/aws/lambda/${name}`,
  logStreamName: `2026/01/01/[$LATEST]${randomUUID().replaceAll("-", "")}`,
  callbackWaitsForEmptyEventLoop: true,
});
