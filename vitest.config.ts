import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from "vitest/config";

const root = import.meta.dirname;

/** Every folder of the workspace that holds a package is a project of its own, named after the folder. */
const folders = [
  ...["packages", "apps"].flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : [],
  ),
  "examples",
  "bench",
  "infra",
  "prove",
  "servers",
  "tools",
].filter((folder) => existsSync(join(root, folder, "tsconfig.json")));

const hasTypeTests = (folder: string): boolean =>
  existsSync(join(root, folder, "src")) &&
  readdirSync(join(root, folder, "src"), { recursive: true, encoding: "utf8" }).some((path) =>
    path.endsWith(".test-d.ts"),
  );

/** Folders whose tests talk to servers that stand for AWS. They start once, and only when one of these runs. */
const needServers = new Set([
  ...["aws", "audit-dynamo", "lambda-router", "store-s3", "transport-sqs"].map((name) => `packages/${name}`),
  "apps/relay-aws",
  "infra",
  "prove",
]);

const project = (folder: string): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name: basename(folder),
    include: [`${folder}/**/*.test.ts`],
    ...(needServers.has(folder) ? { globalSetup: "servers/src/vitest/global-setup.ts" } : {}),
    exclude: ["**/node_modules/**", "**/dist/**", "**/out/**", "bench/peers/**"],
    typecheck: {
      enabled: hasTypeTests(folder),
      checker: "tsc",
      tsconfig: join(root, folder, "tsconfig.json"),
      include: [`${folder}/**/*.test-d.ts`],
    },
  },
});

// Packages are tested from their sources, so that no test waits for a build. Without "module", which is for bundlers: what
// the AWS SDK offers under it does not load in Node.
const conditions = ["@agenthandoff/source", "node", "development|production"];

const config: ViteUserConfig = defineConfig({
  root,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Only a hang is a failure: how long a test takes is the machine's affair.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: folders.map(project),
  },
});
export default config;
