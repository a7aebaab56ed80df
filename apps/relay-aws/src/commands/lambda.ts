import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { RelayResources } from "../aws/resources.js";
import { functionFolders } from "../lambda/function-folder.js";
import { type Invoked, runFunctions } from "../lambda/local-functions.js";
import type { Say } from "./say.js";

const invokedInWords = ({ name, agent, invocation, deleted }: Invoked): string => {
  const what = agent === undefined ? "its schedule" : `a message for ${agent}`;
  const became = agent === undefined ? "" : `, message ${deleted === 1 ? "deleted" : "left in its queue"}`;
  const loaded = invocation.initMs === undefined ? "" : `, loaded in ${Math.round(invocation.initMs)} ms`;
  return `function ${name.padEnd(9)} ← ${what}: ${invocation.status}${became}${loaded}`;
};

/** Bundles the functions and feeds them from the queues, as Lambda would, until the signal is aborted. */
export async function lambda(resources: RelayResources, signal: AbortSignal, say: Say): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "relay-aws-functions-"));
  const client = new SQSClient({});
  try {
    const functions = await functionFolders(folder, { link: true });
    for (const [name, { bytes }] of Object.entries(functions)) say(`bundled ${name}: ${Math.round(bytes / 1024)} KiB`);
    const onInvoked = (invoked: Invoked) => {
      say(invokedInWords(invoked));
      if (invoked.invocation.status === "error") say(invoked.invocation.error.trace.join("\n"));
      if (invoked.invocation.log !== "") say(invoked.invocation.log.trimEnd());
    };
    await runFunctions({ resources, functions, client, signal, onInvoked });
  } finally {
    client.destroy();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
