import { createRelay, defineAgent } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";

interface Answer {
  readonly approved: boolean;
}

const deploy = defineAgent({
  name: "deploy",
  async run({ context, complete, wait, fail }) {
    const answer = context.answer as Answer | undefined;
    if (answer === undefined) return wait({ reason: "production needs a person", question: { deploy: context.input } });
    return answer.approved ? complete({ output: "deployed" }) : fail({ reason: "a person said no" });
  },
});

const relay = createRelay({ id: "approval", agents: [deploy], backend: memory() });

// The task rests, for minutes or for weeks; no process need be alive.
const waiting = await relay.run({ to: "deploy", input: "v1.2.0", taskId: "release-1" });
if (waiting.status !== "waiting") throw new Error(`expected a question, got ${waiting.status}`);
console.log("asked:", waiting.question);

// The answer names the head that the person saw: a question that has changed since is not answered by accident.
const answer: Answer = { approved: true };
await relay.task("release-1").resume({ head: waiting.head, answer, by: "ann" });

const stop = new AbortController();
const worker = relay.worker({ signal: stop.signal });
const result = await relay.task("release-1").result();
console.log(result.status, "-", result.status === "completed" ? result.output : "");
stop.abort();
await worker;

for (const event of await relay.task("release-1").audit()) {
  if (event.kind === "committed")
    console.log(event.hop, event.detail.decision, event.detail.by ?? event.agent ?? "caller");
}
