import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What a package's shipped code may and may not import. A new package is placed here and in biome.json. */
const packages: Record<string, { readonly sees: readonly string[]; readonly refuses: readonly string[] }> = {
  core: {
    sees: ["zod", "node:fs"],
    refuses: ["@agenthandoff/local", "@agenthandoff/conformance", "@agenthandoff/tools", "agenthandoff"],
  },
  conformance: {
    sees: ["@agenthandoff/core", "@agenthandoff/core/memory", "vitest"],
    refuses: ["@agenthandoff/local", "@agenthandoff/langchain-adapter"],
  },
  local: {
    sees: ["@agenthandoff/core"],
    refuses: ["@agenthandoff/conformance", "@agenthandoff/aws-common", "../../core/src/index.js"],
  },
  "aws-common": {
    sees: ["@agenthandoff/core"],
    refuses: ["@agenthandoff/store-s3", "@agenthandoff/local", "@agenthandoff/conformance"],
  },
  "store-s3": {
    sees: ["@agenthandoff/core", "@agenthandoff/aws-common"],
    refuses: ["@agenthandoff/transport-sqs", "@agenthandoff/local", "@agenthandoff/conformance"],
  },
  "transport-sqs": {
    sees: ["@agenthandoff/core", "@agenthandoff/aws-common"],
    refuses: ["@agenthandoff/audit-dynamo", "@agenthandoff/local", "@agenthandoff/conformance"],
  },
  "audit-dynamo": {
    sees: ["@agenthandoff/core", "@agenthandoff/aws-common"],
    refuses: ["@agenthandoff/store-s3", "@agenthandoff/local", "@agenthandoff/conformance"],
  },
  aws: {
    sees: ["@agenthandoff/core", "@agenthandoff/aws-common", "@agenthandoff/store-s3", "@agenthandoff/transport-sqs"],
    refuses: ["@agenthandoff/lambda-router", "agenthandoff", "../../store-s3/src/index.js"],
  },
  "lambda-router": {
    sees: ["@agenthandoff/core", "@agenthandoff/aws-common", "@agenthandoff/transport-sqs"],
    refuses: ["@agenthandoff/aws", "agenthandoff", "../../transport-sqs/src/index.js"],
  },
  "langchain-adapter": {
    sees: ["@agenthandoff/core"],
    refuses: ["@agenthandoff/local", "@agenthandoff/conformance", "../../../core/src/codec/index.js"],
  },
};

/** Inside core a folder sees itself and those before it, except that runtime and memory do not see each other. */
const coreFolders = ["errors", "codec", "protocol", "ports", "memory", "runtime"];
const coreFolderSees = (from: number, to: number): boolean =>
  to === from || (to < from && coreFolders[to] !== "memory");

/** A rule that misses one way to write an import is no rule. */
const spellings: readonly ((specifier: string) => string)[] = [
  (specifier) => `import { a } from "${specifier}";\nconsole.log(a);\n`,
  (specifier) => `import type { A } from "${specifier}";\nexport const a: A | undefined = undefined;\n`,
  (specifier) => `export { a } from "${specifier}";\n`,
  (specifier) => `export const a: Promise<unknown> = import("${specifier}");\n`,
];

type Case = {
  readonly folder: string;
  readonly specifier: string;
  readonly suffix: ".ts" | ".test.ts";
  readonly refused: boolean;
};

const cases: readonly Case[] = [
  ...Object.entries(packages).flatMap(([name, { sees, refuses }]) => [
    ...sees.map((specifier) => ({ folder: `${name}/src`, specifier, suffix: ".ts" as const, refused: false })),
    ...refuses.map((specifier) => ({ folder: `${name}/src`, specifier, suffix: ".ts" as const, refused: true })),
  ]),
  ...coreFolders.flatMap((from, fromIndex) =>
    coreFolders.map((to, toIndex) => ({
      folder: `core/src/${from}`,
      specifier: `../${to}/index.js`,
      suffix: ".ts" as const,
      refused: !coreFolderSees(fromIndex, toIndex),
    })),
  ),
  { folder: "core/src/runtime/step", specifier: "../../memory/index.js", suffix: ".ts", refused: true },
  // The package's own index would show a folder everything.
  { folder: "core/src/protocol", specifier: "../index.js", suffix: ".ts", refused: true },
  { folder: "core/src/runtime/step", specifier: "../../index.js", suffix: ".ts", refused: true },
  { folder: "core/src/runtime/step", specifier: "../../errors/index.js", suffix: ".ts", refused: false },
  // Tests of the runtime need a backend, and drivers' tests need the suites.
  { folder: "core/src/runtime", specifier: "../memory/index.js", suffix: ".test.ts", refused: false },
  { folder: "core/src/codec", specifier: "../runtime/index.js", suffix: ".test.ts", refused: true },
  { folder: "local/src", specifier: "@agenthandoff/conformance", suffix: ".test.ts", refused: false },
];

interface Report {
  readonly summary: { readonly changed: number; readonly unchanged: number };
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: string } }[];
}

function lint(cwd: string, path: string, options: readonly string[] = ["--only=style/noRestrictedImports"]): Report {
  const { stdout } = spawnSync(
    join(root, "node_modules/.bin/biome"),
    ["lint", ...options, "--reporter=json", "--max-diagnostics=none", path],
    { cwd, encoding: "utf8" },
  );
  return JSON.parse(stdout) as Report;
}

describe("biome.json lets imports run one way", () => {
  const scratch = mkdtempSync(join(tmpdir(), "import-layers-"));
  const refusedPaths = new Set<string>();
  const pathOf = (index: number, spelling: number): string =>
    `packages/${cases[index]?.folder}/case-${index}-${spelling}${cases[index]?.suffix}`;

  beforeAll(() => {
    cpSync(join(root, "biome.json"), join(scratch, "biome.json"));
    cpSync(join(root, "tools/no-import-types.grit"), join(scratch, "tools/no-import-types.grit"));
    writeFileSync(join(scratch, ".gitignore"), "");
    execFileSync("git", ["init", "-q", scratch]);
    cases.forEach(({ specifier }, index) => {
      spellings.forEach((write, spelling) => {
        const path = join(scratch, pathOf(index, spelling));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, write(specifier));
      });
    });
    for (const { category, location } of lint(scratch, ".").diagnostics) {
      expect(category).toBe("lint/style/noRestrictedImports");
      refusedPaths.add(location.path);
    }
  });

  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it.each(cases.map((one, index) => ({ ...one, index, verb: one.refused ? "refuses" : "accepts" })))(
    "$verb $specifier in $folder/*$suffix, however it is written",
    ({ index, refused }) => {
      const found = spellings.map((_, spelling) => refusedPaths.has(pathOf(index, spelling)));
      expect(found).toEqual(spellings.map(() => refused));
    },
  );

  it("refuses import types, which the other rules cannot see", () => {
    writeFileSync(join(scratch, "import-type.ts"), 'export type A = import("zod").A;\n');
    const categories = lint(scratch, "import-type.ts", []).diagnostics.map(({ category }) => category);
    expect(categories).toEqual(["plugin"]);
  });

  it("holds for every module of the packages", () => {
    const modules = readdirSync(join(root, "packages")).flatMap((name) =>
      readdirSync(join(root, "packages", name, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
        path.endsWith(".ts"),
      ),
    );
    const { summary, diagnostics } = lint(root, "packages");
    expect(modules.length).toBeGreaterThan(0);
    expect(summary.changed + summary.unchanged).toBeGreaterThanOrEqual(modules.length);
    expect(diagnostics).toEqual([]);
  });

  it("knows every package of the workspace", () => {
    expect(Object.keys(packages).sort()).toEqual(readdirSync(join(root, "packages")).sort());
  });
});
