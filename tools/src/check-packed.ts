import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Packs each public package as it would be published, and checks the tarball: publint for what it exports, attw for
// the types that users see, and a plain Node for whether each entry loads. Needs `turbo run build` first.
const root = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "agenthandoff-packed-"));
const problems: string[] = [];

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Record<string, unknown>;
  readonly peerDependencies?: Record<string, string>;
}

function run(title: string, cwd: string, command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  problems.push(`${title}\n${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`);
}

function checkPackage(directory: string, manifest: Manifest): void {
  const destination = join(scratch, manifest.name.replaceAll("/", "-"));
  run(`${manifest.name}: pnpm pack`, directory, "pnpm", "pack", "--pack-destination", destination);
  const tarball = readdirSync(destination).find((file) => file.endsWith(".tgz"));
  if (tarball === undefined) return;
  const path = join(destination, tarball);
  run(`${manifest.name}: publint`, root, "publint", "run", path, "--strict");
  run(`${manifest.name}: attw`, root, "attw", path, "--profile", "esm-only", "--no-emoji");
  for (const entry of Object.keys(manifest.exports)) {
    const specifier = join(manifest.name, entry);
    // Test suites call `describe` of vitest, which answers only inside a vitest run.
    if (manifest.peerDependencies?.vitest !== undefined) continue;
    run(`${specifier}: loading in Node`, directory, process.execPath, "-e", `import(${JSON.stringify(specifier)})`);
  }
  console.log(`checked ${manifest.name}`);
}

let checked = 0;
for (const name of readdirSync(join(root, "packages"))) {
  const directory = join(root, "packages", name);
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
  if (manifest.private === true) continue;
  checkPackage(directory, manifest);
  checked += 1;
}
rmSync(scratch, { recursive: true, force: true });

if (checked === 0) problems.push("no package was checked");
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}
