import { setTimeout as sleep } from "node:timers/promises";
import { eventSource, type Invocation, lambdaFunction } from "@agenthandoff/test-servers/lambda";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { RESOURCES_VARIABLE, type RelayResources } from "../aws/resources.js";
import type { FunctionFolders, FunctionName } from "./function-folder.js";

/** As Lambda has it: at most 15 minutes. The queues' visibility timeout is six times as long. */
export const FUNCTION_TIMEOUT_MS = 120_000;

/** Release has a function of its own; the others share one. */
const functionOf = (agent: string): FunctionName => (agent === "release" ? "release" : "router");

export interface Invoked {
  readonly name: FunctionName;
  /** Undefined for the reconciler, which is invoked by a schedule. */
  readonly agent: string | undefined;
  readonly invocation: Invocation;
  /** How many messages were deleted. */
  readonly deleted: number;
}

export interface LocalFunctionsOptions {
  readonly resources: RelayResources;
  readonly functions: FunctionFolders;
  readonly client: SQSClient;
  readonly signal: AbortSignal;
  /** Beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Between two invocations of the reconciler. Default: 5 minutes. */
  readonly reconcileEveryMs?: number;
  readonly onInvoked?: (invoked: Invoked) => void;
}

/** Feeds the functions from the queues, each invocation a process of its own, until the signal is aborted. */
export async function runFunctions({
  resources,
  functions,
  client,
  signal,
  environment = {},
  reconcileEveryMs = 5 * 60_000,
  onInvoked,
}: LocalFunctionsOptions): Promise<void> {
  const target = (name: FunctionName) =>
    lambdaFunction({
      bundle: functions[name].file,
      timeoutMs: FUNCTION_TIMEOUT_MS,
      environment: { ...environment, [RESOURCES_VARIABLE]: JSON.stringify(resources) },
    });
  const targets = { router: target("router"), release: target("release"), reconcile: target("reconcile") };
  const feed = async ([agent, { url }]: [string, { readonly url: string }]): Promise<void> => {
    const name = functionOf(agent);
    // One message at a time: in a batch, agents would share one timeout.
    const source = eventSource({ client, queueUrl: url, target: targets[name], batchSize: 1 });
    await source.run({
      signal,
      onPolled: ({ invocation, deleted }) => onInvoked?.({ name, agent, invocation, deleted: deleted.length }),
    });
  };
  const reconcile = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(reconcileEveryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const invocation = await targets.reconcile.invoke({});
      onInvoked?.({ name: "reconcile", agent: undefined, invocation, deleted: 0 });
    }
  };
  await Promise.all([...Object.entries(resources.queues).map(feed), reconcile()]);
}
