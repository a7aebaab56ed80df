import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it } from "vitest";
import { proveCrash } from "./prove-crash.js";

// The fixed share of CI; `pnpm run prove crash --backend aws --kills 200 --tasks 100` is the whole.
describeWithServers(["s3", "sqs", "dynamodb"], "on servers that stand for AWS", ({ s3, sqs, dynamodb }) => {
  it("loses nothing and commits no hop twice when workers and functions are killed at any moment", async () => {
    const endpoints = { s3: s3.endpoint, sqs: sqs.endpoint, dynamodb: dynamodb.endpoint };
    const report = await proveCrash({ backend: "aws", endpoints, kills: 8, tasks: 5 });
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ tasks: 5, lost: 0, doubled: 0 });
    // Else the kills proved little.
    expect(report.killsDuringRun + report.killsBetweenCommitAndSend).toBeGreaterThan(0);
    expect(report.killsOfFunctions).toBeGreaterThan(0);
    expect(report.killsOfFunctions).toBeLessThan(report.kills);
  }, 300_000);
});
