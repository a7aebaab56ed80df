import { createRelay, defineAgent } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";

const research = defineAgent({
  name: "research",
  handsTo: ["write"],
  async run({ context, handoff }) {
    const { topic } = context.input as { topic: string };
    const findings = new Map([[topic, ["carry it forward", "do not look back"]]]);
    return handoff("write", { reason: "two findings are enough for a paragraph", output: findings });
  },
});

const write = defineAgent({
  name: "write",
  async run({ context }) {
    const findings = context.latest("research") as Map<string, string[]>; // a Map still, not a plain object
    return [...findings].map(([topic, points]) => `${topic}: ${points.join("; ")} (${context.reason})`);
  },
});

const relay = createRelay({
  id: "two-agents",
  agents: [research, write],
  backend: local({ directory: ".agenthandoff" }),
});

const result = await relay.run({ to: "research", input: { topic: "relay races" } });
console.log(result.status === "completed" ? result.output : result);
await relay.close();
