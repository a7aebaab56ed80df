import { CORPORA } from "../corpus/corpora.js";
import { formatTable } from "../table.js";
import { installPeers } from "./install-peers.js";
import { type LocalRow, measureLocal } from "./local.js";
import type { Reading } from "./measured-run.js";

/** Installs the peers, measures, a line on standard error for each run, and prints what was found. */
export async function printLocal(options: {
  readonly hops: number;
  readonly bytesPerHop: number;
  readonly runs: number;
  readonly reading: Reading;
  readonly directory?: string;
  readonly json: boolean;
}): Promise<void> {
  installPeers();
  const rows = await measureLocal(CORPORA.coding(), {
    ...options,
    onRun: ({ contestant: { system, mode }, round, result }) => {
      const perSecond = (options.hops / result.seconds).toFixed(1);
      console.error(`run ${round} of ${options.runs}: ${system} (${mode}) ${perSecond} handoffs a second`);
    },
  });
  if (options.json) {
    console.log(JSON.stringify({ rows }));
    return;
  }
  const titles = ["system", "mode", "hops", "runs", "handoffs a second", "CPU ms a hop", "stored bytes"];
  const cells = rows.map((row: LocalRow) => [
    row.system,
    row.mode,
    row.hops,
    row.runs,
    spread(row.handoffsPerSecond, row.handoffsPerSecondMin, row.handoffsPerSecondMax),
    spread(row.cpuMsPerHop, row.cpuMsPerHopMin, row.cpuMsPerHopMax),
    row.storedBytes,
  ]);
  console.log(formatTable(titles, cells));
}

const spread = (median: number, min: number, max: number): string =>
  `${median.toFixed(1)} (${min.toFixed(1)} … ${max.toFixed(1)})`;
