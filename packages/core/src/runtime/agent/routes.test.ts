import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const sources = fileURLToPath(new URL("../..", import.meta.url));
const packageRoot = dirname(sources.replace(/\/$/, ""));
// Inside the package, so that its settings and its types are found.
const directory = mkdtempSync(join(packageRoot, "node_modules", ".routes-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** What the compiler says about this program. */
function compile(program: string): string {
  const file = join(directory, "program.ts");
  writeFileSync(
    file,
    `import { createRelay, defineAgent } from "${sources}index.js";\nimport { memory } from "${sources}memory/index.js";\n${program}`,
  );
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", compilerOptions: { rootDir: "/" }, include: ["program.ts"] }),
  );
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  try {
    return execFileSync(process.execPath, [compiler, "-p", directory, "--noEmit"], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe("the compiler's message", () => {
  it("names the target that is not in the relay, the one outside handsTo, and the one that a start does not know", () => {
    const said = compile(`
const qa = defineAgent({ name: "qa", handsTo: ["depoly"], run: ({ handoff }) => handoff("depoly") });
createRelay({ id: "r", agents: [qa], backend: memory() });
defineAgent({ name: "code", handsTo: ["qa"], run: ({ handoff }) => handoff("reserch") });
const relay = createRelay({ id: "r", agents: [defineAgent({ name: "only", run: () => 1 })], backend: memory() });
void relay.start({ to: "olny" });
`);
    expect(said).toMatch(/program\.ts\(5,/);
    expect(said).toMatch(/"no agent named".*"depoly"/);
    expect(said).toMatch(/'"reserch"' is not assignable to parameter of type '"qa"'/);
    expect(said).toMatch(/'"olny"' is not assignable to type '"only"'/);
    expect(said.match(/error TS/g)).toHaveLength(3);
  });
});
