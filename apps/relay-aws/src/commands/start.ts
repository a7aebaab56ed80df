import type { StartRequest, Task } from "@agenthandoff/core";
import { describeInput, inspectInput, RULE_MODEL_NAME, taskIdFor } from "@agenthandoff/typed-package";
import { callersRelay } from "../agents/declared.js";
import { backendOn, type RelayResources } from "../aws/resources.js";

export interface FileRequest {
  readonly file: string;
  readonly taskId?: string | undefined;
  readonly sampleRows: number;
}

/** What a file's task is started with. @throws InputError for a file that cannot be used: nothing is started then */
export async function requestFor({ file, taskId, sampleRows }: FileRequest): Promise<StartRequest<"research">> {
  const { bytes } = await inspectInput(file);
  const { input, artifacts } = describeInput(file, bytes, { sampleRows, model: RULE_MODEL_NAME });
  return { to: "research", input, artifacts, taskId: taskId ?? taskIdFor(input) };
}

/** Accepts the task; somebody else works on it. The same file again is the same task. */
export async function start(resources: RelayResources, request: FileRequest): Promise<Task> {
  const relay = callersRelay(resources.relayId, backendOn(resources));
  return await relay.start(await requestFor(request));
}
