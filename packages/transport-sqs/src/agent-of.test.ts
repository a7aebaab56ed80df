import { describe, expect, it } from "vitest";
import { sqsTransport } from "./sqs-transport.js";

const queueOf = (url: string) => ({ url: `${url}.fifo`, deadLetterUrl: `${url}-dead.fifo` });
const client = { send() {}, destroy() {} } as never;
const transport = sqsTransport({
  client,
  queues: {
    research: queueOf("https://sqs.eu-central-1.amazonaws.com/123456789012/r-research"),
    code: queueOf("https://vpce-1.sqs.eu-central-1.vpce.amazonaws.com/123456789012/r-code"),
    qa: queueOf("http://127.0.0.1:9324/queue/r-qa"),
  },
});
const agents = ["research", "code", "qa", "deploy"];
const arn = (name: string, { region = "eu-central-1", account = "123456789012" } = {}) =>
  `arn:aws:sqs:${region}:${account}:${name}`;

describe("the agent of a queue's ARN", () => {
  it.each(["research", "code", "qa"])("is the one whose queue it names: %s", (agent) => {
    expect(transport.agentOf("r", agents, arn(`r-${agent}.fifo`))).toBe(agent);
  });

  it("is told by the name alone where the URL shows neither region nor account", () => {
    expect(transport.agentOf("r", agents, arn("r-qa.fifo", { region: "elasticmq", account: "000000000000" }))).toBe(
      "qa",
    );
  });

  it.each([
    ["another name", arn("r-deploy.fifo")],
    ["a longer name", arn("other-r-research.fifo")],
    ["a dead-letter queue", arn("r-research-dead.fifo")],
    ["another region", arn("r-research.fifo", { region: "us-east-1" })],
    ["another region than a private endpoint's", arn("r-code.fifo", { region: "us-east-1" })],
    ["another account", arn("r-research.fifo", { account: "210987654321" })],
    ["another service", "arn:aws:sns:eu-central-1:123456789012:r-research.fifo"],
    ["no ARN", "r-research.fifo"],
  ])("is nobody for %s", (_what, queueArn) => {
    expect(transport.agentOf("r", agents, queueArn)).toBeUndefined();
  });

  it("is only one of the agents that are asked for", () => {
    expect(transport.agentOf("r", ["code"], arn("r-research.fifo"))).toBeUndefined();
  });

  it("is refused to another relay", () => {
    transport.agentOf("r", agents, arn("r-qa.fifo"));
    expect(() => transport.agentOf("other", agents, arn("r-qa.fifo"))).toThrow('these queues serve the relay "r"');
  });
});
