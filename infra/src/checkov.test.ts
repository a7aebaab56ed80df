import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { pythonEnvironment } from "@agenthandoff/test-servers";
import { expect, it } from "vitest";
import { z } from "zod";
import { MODULE } from "./engine.js";

const requirements = join(import.meta.dirname, "../python/requirements.txt");
const environment = await pythonEnvironment({ name: "checkov", requirements });
const missing = "missing" in environment ? environment.missing : undefined;

const report = z.object({
  results: z.object({
    passed_checks: z.array(z.unknown()),
    failed_checks: z.array(z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() })),
    skipped_checks: z.array(
      z.object({ check_id: z.string(), check_result: z.object({ suppress_comment: z.string() }) }),
    ),
    parsing_errors: z.array(z.unknown()),
  }),
});

it.skipIf(missing !== undefined && process.env.CI !== "true")(
  `passes checkov, but for what says why beside it${missing === undefined ? "" : ` (${missing})`}`,
  () => {
    if (!("python" in environment)) throw new Error(missing);
    const checkov = join(dirname(environment.python), "checkov");
    const { stdout, stderr } = spawnSync(
      environment.python,
      [checkov, "--directory", MODULE, "--framework", "terraform", "--skip-download", "--compact", "--output", "json"],
      { encoding: "utf8", maxBuffer: 2 ** 26 },
    );
    expect(stdout, stderr).toContain("results");
    const { results } = report.parse(JSON.parse(stdout));
    expect(
      results.failed_checks.map(({ check_id, check_name, resource }) => `${check_id} ${check_name}: ${resource}`),
    ).toEqual([]);
    expect(results.parsing_errors).toEqual([]);
    expect(results.passed_checks.length).toBeGreaterThan(80);
    for (const { check_id, check_result } of results.skipped_checks)
      expect(check_result.suppress_comment, check_id).toMatch(/\w{2,} \w{2,}/u);
  },
);
