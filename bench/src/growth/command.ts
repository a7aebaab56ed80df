import { CORPORA } from "../corpus/corpora.js";
import { formatTable } from "../table.js";
import { type GrowthRow, measureGrowth } from "./growth.js";

/** Measures the corpora at each length, a line on standard error for each, and prints what was found. */
export async function printGrowth(options: {
  readonly hops: readonly number[];
  readonly bytesPerHop: number;
  readonly json: boolean;
}): Promise<void> {
  const rows: GrowthRow[] = [];
  for (const readCorpus of Object.values(CORPORA)) {
    const corpus = readCorpus();
    for (const hops of options.hops) {
      console.error(`${corpus.name}: ${hops} hops, each hydrated by a worker that knows nothing`);
      rows.push(...(await measureGrowth(corpus, { hops, bytesPerHop: options.bytesPerHop, cold: true })));
    }
  }
  if (options.json) {
    console.log(JSON.stringify({ rows }));
    return;
  }
  const titles = ["corpus", "scheme", "hops", "bytes a hop", "bytes written", "× floor", "PUTs", "most GETs", "rounds"];
  const cells = rows.map((row) => [
    row.corpus,
    row.scheme,
    row.hops,
    row.bytesPerHop,
    row.bytesWritten,
    Number((row.bytesWritten / row.floorBytes).toFixed(2)),
    row.puts,
    row.maxGets,
    row.rounds,
  ]);
  console.log(formatTable(titles, cells));
}
