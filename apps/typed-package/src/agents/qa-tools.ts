import { handoffFrom } from "@agenthandoff/langchain-adapter";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { tool } from "langchain";
import { z } from "zod";
import { checkPackage } from "../check/check-package.js";
import { summarize } from "../check/report.js";
import { VERDICT, type Verdict } from "../check/verdict.js";
import { packageFilesIn, packageIn } from "./package-desk.js";
import { inputOf } from "./task-input.js";
import { toolText } from "./tool-text.js";

const checkTool = tool(
  async (_, runtime) => {
    const { context, signal, add } = handoffFrom(runtime);
    const current = packageIn(context);
    if (!current) throw new Error("there is no package to check; hand the task to code");
    const files = await packageFilesIn(context, current.version);
    const report = await checkPackage({ files, spec: current.spec, input: inputOf(context), signal });
    const value: Verdict = {
      version: current.version,
      passed: report.passed,
      rows: report.rows,
      rowsAccepted: report.rowsAccepted,
      corruptedRefused: report.corrupted.refused,
      summary: summarize(report),
    };
    add({ kind: "output", name: VERDICT, value });
    return toolText(report);
  },
  {
    name: "check_package",
    description:
      "Check the last version of the package: compile it, run its own tests, run its loader over every row of the file and compare every " +
      "value with an independent reading, and run it over rows with one corrupted cell. Says for each column at fault what all its rows hold.",
    schema: z.object({}),
  },
);

export const qaTools: readonly StructuredToolInterface[] = [checkTool];
