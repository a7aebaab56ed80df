import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { generatePackage } from "../generate/generate.js";
import type { PackageSpec } from "../generate/spec.js";
import { packPackage } from "./pack-package.js";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

const SPEC: PackageSpec = {
  name: "typed-orders",
  source: { file: "orders.csv", kind: "csv", delimiter: "," },
  rowsSampled: 2,
  columns: [
    { name: "id", value: { kind: "integer", min: 0 }, nullable: false },
    { name: "when", value: { kind: "date", pattern: "YYYY-MM-DD" }, nullable: true, nulls: [""] },
  ],
};
const MANIFEST = { name: "typed-orders", version: "1.0.0" };

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "typed-package-test-"));
  folders.push(made);
  return made;
}

describe("packPackage", () => {
  it("gives the same bytes each time, whatever the clock and the umask say", async () => {
    const files = await generatePackage(SPEC);
    const first = await packPackage(MANIFEST, files);
    const before = process.umask(0o002);
    try {
      const second = await packPackage(MANIFEST, Object.fromEntries(Object.entries(files).reverse()));
      expect(second.sha256).toBe(first.sha256);
    } finally {
      process.umask(before);
    }
    expect(first.fileName).toBe("typed-orders-1.0.0.tgz");
  });

  it("makes a tarball that npm installs elsewhere, whose loader reads the file there", async () => {
    const { bytes, fileName } = await packPackage(MANIFEST, await generatePackage(SPEC));
    const elsewhere = await folder();
    await writeFile(join(elsewhere, fileName), bytes);
    await writeFile(join(elsewhere, "orders.csv"), "id,when\n1,2020-01-02\n2,\n");
    await writeFile(
      join(elsewhere, "read.mjs"),
      `import { readRows } from "typed-orders";
for await (const row of readRows("orders.csv")) console.log(JSON.stringify(row));`,
    );
    // zod lies there already, as after an earlier install, so that no network is needed.
    await cp(dirname(require.resolve("zod/package.json")), join(elsewhere, "node_modules", "zod"), { recursive: true });
    await writeFile(join(elsewhere, "package.json"), '{ "private": true, "dependencies": { "zod": "^4" } }');
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${fileName}`], {
      cwd: elsewhere,
    });
    const { stdout } = await run(process.execPath, ["read.mjs"], { cwd: elsewhere });
    expect(stdout).toBe('{"id":1,"when":"2020-01-02T00:00:00.000Z"}\n{"id":2,"when":null}\n');
    // Its own tests run where it was installed, too.
    await run("npm", ["test"], { cwd: join(elsewhere, "node_modules", "typed-orders") });
  });

  it("says where code does not compile", async () => {
    const files = { ...(await generatePackage(SPEC)), "src/wrong.ts": "export const wrong: number = 'x';\n" };
    await expect(packPackage(MANIFEST, files)).rejects.toThrow("src/wrong.ts:1 does not compile: TS2322");
  });
});
