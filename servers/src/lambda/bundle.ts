import { mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

export interface BundleOptions {
  /** The module that exports the handler. */
  readonly entry: string;
  /** Where the bundle goes. */
  readonly folder: string;
  /** Packages to leave out, as the function's environment has them. Default: none. */
  readonly external?: readonly string[];
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

/** Bundles a function with everything that it needs, minified, as a deployment would. */
export const bundleFunction = async ({ entry, folder, external = [] }: BundleOptions): Promise<Bundle> => {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${basename(entry).replace(/\.\w+$/, "")}.mjs`);
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    minify: true,
    // The names of error classes stand in records and contexts.
    keepNames: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@agenthandoff/source", "module"],
    mainFields: ["module", "main"],
    external: [...external],
    legalComments: "none",
    logLevel: "error",
    // CommonJS inside of an ES module asks for it.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  });
  return { file, bytes: (await stat(file)).size };
};
