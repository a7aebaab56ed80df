import { aws, type Resources } from "@agenthandoff/aws";
import { createRelay, defineAgent } from "@agenthandoff/core";
import { type LambdaRouter, lambdaRouter } from "@agenthandoff/lambda-router";
import { S3Client } from "@aws-sdk/client-s3";

// One function of all agents, told by its environment where its relay lives.
const resources = JSON.parse(process.env.RESOURCES ?? "") as Resources;

const first = defineAgent({
  name: "first",
  handsTo: ["second"],
  run: ({ context, handoff }) => handoff("second", { output: { of: context.input, at: new Date(0) } }),
});
const second = defineAgent({
  name: "second",
  run: ({ context, complete }) => complete({ output: { got: context.latest("first"), process: process.pid } }),
});
const mortal = defineAgent({
  name: "mortal",
  run({ attempt }) {
    if (attempt.number === 1) process.kill(process.pid, "SIGKILL");
    return `done by attempt ${attempt.number}`;
  },
});
const stuck = defineAgent({
  name: "stuck",
  run({ signal }) {
    return new Promise(() => signal.addEventListener("abort", () => console.log("told to stop")));
  },
});

const relay = createRelay({
  id: process.env.RELAY_ID ?? "",
  agents: [first, second, mortal, stuck],
  backend: aws({ ...resources, clients: { s3: new S3Client({ forcePathStyle: true }) } }),
  graceMs: 500,
  backoffMs: 10,
  maxAttempts: 2,
});

export const handler: LambdaRouter = lambdaRouter(relay, { marginMs: 5_000 });
