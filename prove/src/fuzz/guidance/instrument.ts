import type { LoadHook } from "node:module";
import { fileURLToPath } from "node:url";
import { createInstrumenter } from "istanbul-lib-instrument";
import { COUNTERS } from "./counters.js";

const SHIPPED = /\/packages\/[a-z0-9-]+\/src\/(?!.*\.test\.ts).*\.ts$/;

const instrumenter = createInstrumenter({
  esModules: true,
  compact: true,
  produceSourceMap: false,
  coverageVariable: COUNTERS,
  coverageGlobalScope: "globalThis",
  coverageGlobalScopeFunc: false,
});

/** Counts how often each statement and branch of the shipped sources runs. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (loaded.format !== "module" || !url.startsWith("file:")) return loaded;
  const path = fileURLToPath(url.split("?")[0] ?? url);
  if (!SHIPPED.test(path)) return loaded;
  const source =
    typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: instrumenter.instrumentSync(source, path) };
};
