import { aws, type Resources } from "@agenthandoff/aws";
import { createRelay } from "@agenthandoff/core";
import { invokedAgent, type LambdaRouter, lambdaRouter } from "@agenthandoff/lambda-router";
import { S3Client } from "@aws-sdk/client-s3";

const resources = JSON.parse(process.env.RESOURCES ?? "") as Resources;
const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

const relay = createRelay({
  id: process.env.RELAY_ID ?? "",
  agents: [
    invokedAgent({ name: "plain", handsTo: ["far"], functionArn: arnOf("plain") }),
    invokedAgent({ name: "far", functionArn: arnOf("agent") }),
  ],
  backend: aws({ ...resources, clients: { s3: new S3Client({ forcePathStyle: true }) } }),
  graceMs: 500,
  backoffMs: 10,
});

export const handler: LambdaRouter = lambdaRouter(relay, { marginMs: 5_000 });
