import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it } from "vitest";
import { proveDrain } from "./prove-drain.js";

// The fixed share of CI; `pnpm run prove drain --stops 50 [--backend aws]` is the whole.

const FREE_OF_CHARGE = { overdue: 0, counted: 0, repeated: 0, problems: [] };

it("costs no attempt and repeats nothing that was committed when workers are told to stop while agents run", async () => {
  const report = await proveDrain({ stops: 4 });
  expect(report).toMatchObject({ stops: 4, ...FREE_OF_CHARGE });
  // Else no run was too long for the grace, and nothing was asked.
  expect(report.givenBack).toBeGreaterThan(0);
}, 600_000);

describeWithServers(["s3", "sqs", "dynamodb"], "on servers that stand for AWS", ({ s3, sqs, dynamodb }) => {
  it("costs as little there", async () => {
    const endpoints = { s3: s3.endpoint, sqs: sqs.endpoint, dynamodb: dynamodb.endpoint };
    const report = await proveDrain({ backend: "aws", endpoints, stops: 3 });
    expect(report).toMatchObject({ stops: 3, ...FREE_OF_CHARGE });
    expect(report.givenBack).toBeGreaterThan(0);
  }, 600_000);
});
