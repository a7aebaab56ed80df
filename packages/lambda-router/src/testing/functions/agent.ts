import { aws, type Resources } from "@agenthandoff/aws";
import { createRelay, defineAgent } from "@agenthandoff/core";
import { type AgentFunction, agentFunction } from "@agenthandoff/lambda-router";
import { S3Client } from "@aws-sdk/client-s3";

const resources = JSON.parse(process.env.RESOURCES ?? "") as Resources;

const far = defineAgent({
  name: "far",
  run: ({ context, complete }) => {
    const { characters } = context.input as { characters: number };
    return complete({ output: { text: "é".repeat(characters), at: new Date(1), process: process.pid } });
  },
});

const relay = createRelay({
  id: process.env.RELAY_ID ?? "",
  agents: [far],
  backend: aws({ ...resources, clients: { s3: new S3Client({ forcePathStyle: true }) } }),
});

export const handler: AgentFunction = agentFunction(relay, { agent: "far" });
