import { createRelay, declareAgent, defineAgent } from "@agenthandoff/core";
import { lambdaEndpoint } from "@agenthandoff/test-servers/lambda";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect, it, onTestFinished } from "vitest";
import { agentFunction, invokedAgent, lambdaRouter, reconcileHandler } from "./index.js";
import { inProcess } from "./testing/in-process.js";
import { placeOn, type TestServers } from "./testing/place.js";

const research = defineAgent({
  name: "research",
  handsTo: ["write"],
  run: ({ handoff }) => handoff("write", { output: { rows: 3 } }),
});

describeWithServers(["s3", "sqs", "dynamodb"], "as the README shows it,", (servers) => {
  it("a relay's function invokes its agent's, and a scheduled one reconciles", async () => {
    const place = await placeOn(servers as TestServers, ["research", "write"]);
    onTestFinished(() => place.dispose());
    const backend = place.backend();

    const theFunction = () => {
      // #region function
      const write = defineAgent({
        name: "write",
        run: ({ context }) => ({ text: "…", of: context.latest("research") }),
      });
      const relay = createRelay({ id: place.relayId, agents: [write, declareAgent({ name: "research" })], backend });
      const handler = agentFunction(relay, { agent: "write" });
      // #endregion
      return handler;
    };
    const lambda = await lambdaEndpoint([inProcess("write", theFunction())]);
    onTestFinished(() => lambda.stop());
    const client = new LambdaClient({ endpoint: lambda.endpoint, region: "us-east-1", ...keys(servers.s3) });
    onTestFinished(() => client.destroy());

    // #region caller
    const write = invokedAgent({
      name: "write",
      functionArn: "arn:aws:lambda:us-east-1:123456789012:function:write",
      client, // without a client of yours it makes its own, in the function's region
    });
    const relay = createRelay({ id: place.relayId, agents: [research, write], backend });
    const handler = lambdaRouter(relay);
    // #endregion
    const task = await place.caller.start({ to: "research", taskId: "t" });
    for (const agent of ["research", "write"])
      expect(await place.source(agent, inProcess("router", handler)).poll({ waitSeconds: 20 })).toMatchObject({
        kept: [],
      });
    expect(await task.result()).toMatchObject({ status: "completed", output: { text: "…", of: { rows: 3 } } });

    const handlers = () => {
      // #region reconciler
      const everyMinute = reconcileHandler(relay, { metrics: true });
      const everyNight = reconcileHandler(relay, { full: true });
      // #endregion
      return [everyMinute, everyNight];
    };
    for (const [index, each] of handlers().entries())
      expect(await inProcess("reconciler", each).invoke({})).toMatchObject({
        response: { tasks: index, resent: 0, damaged: [], failed: [] },
      });
  });
});

function keys({ credentials }: TestServers["s3"]): Pick<TestServers["s3"], "credentials"> {
  return { credentials };
}
