// #region router
import { aws } from "@agenthandoff/aws";
import { createRelay, defineAgent } from "@agenthandoff/core";
import { type LambdaRouter, lambdaRouter } from "@agenthandoff/lambda-router";

const research = defineAgent({
  name: "research",
  handsTo: ["write"],
  run: ({ handoff, context }) => handoff("write", { output: `what is known about ${context.input}` }),
});
const write = defineAgent({ name: "write", run: ({ context }) => `a text of ${context.latest("research")}` });

const queueOf = (agent: string) => ({
  url: `${process.env.QUEUES_URL}/docs-${agent}.fifo`,
  deadLetterUrl: `${process.env.QUEUES_URL}/docs-${agent}-dead.fifo`,
});

const relay = createRelay({
  id: "docs",
  agents: [research, write],
  backend: aws({
    bucket: process.env.BUCKET ?? "",
    table: process.env.TABLE ?? "",
    queues: { research: queueOf("research"), write: queueOf("write") },
  }),
});

export const handler: LambdaRouter = lambdaRouter(relay);
// #endregion
