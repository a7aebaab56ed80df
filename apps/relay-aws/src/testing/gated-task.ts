import { createRelay, defineAgent, output, type Relay, state, type Task } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { VERDICT, type Verdict } from "@agenthandoff/typed-package/record";
import { release } from "../agents/release.js";

const VERDICT_OF_QA: Verdict = {
  version: 1,
  passed: true,
  rows: 2,
  rowsAccepted: 2,
  corruptedRefused: 1,
  summary: "all 2 rows match",
};

const SPEC = {
  name: "typed-orders",
  source: { file: "orders.csv", kind: "csv", delimiter: "," },
  rowsSampled: 2,
  columns: [{ name: "status", value: { kind: "text" }, nullable: false }],
};

/** Release between neighbours who do nothing but hand on, in memory, with a task that has come to its question. */
export async function gatedTask({ codeSays }: { readonly codeSays?: string } = {}): Promise<{
  readonly task: Task;
  readonly relay: Relay;
  work(): Promise<void>;
}> {
  const qa = defineAgent({
    name: "qa",
    handsTo: ["release"],
    run: ({ handoff }) =>
      handoff("release", {
        entries: [state("package", { version: 1, spec: SPEC }), output(VERDICT_OF_QA, { name: VERDICT })],
      }),
  });
  const code = defineAgent({
    name: "code",
    handsTo: ["qa"],
    run: ({ handoff }) => handoff("qa", codeSays === undefined ? {} : { reason: codeSays }),
  });
  const deploy = defineAgent({ name: "deploy", run: () => "packed" });
  const relay = createRelay({ id: "gated", agents: [code, qa, release, deploy], backend: memory() });
  const task = await relay.start({ to: "qa", taskId: "task" });
  /** Works until the task rests. */
  const work = async (): Promise<void> => {
    const stop = new AbortController();
    const working = relay.worker({ signal: stop.signal });
    await task.result();
    stop.abort();
    await working;
  };
  await work();
  return { task, relay, work };
}
