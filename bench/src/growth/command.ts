import { CORPORA } from "../corpus/corpora.js";
import { formatTable } from "../table.js";
import type { Besides } from "./count-chain.js";
import { type GrowthRow, measureGrowth } from "./growth.js";

/** Measures the corpora at each length, a line on standard error for each, and prints what was found. */
export async function printGrowth(options: {
  readonly hops: readonly number[];
  readonly bytesPerHop: number;
  readonly json: boolean;
}): Promise<void> {
  const rows: GrowthRow[] = [];
  const notes: string[] = [];
  for (const readCorpus of Object.values(CORPORA)) {
    const corpus = readCorpus();
    for (const hops of options.hops) {
      console.error(`${corpus.name}: ${hops} hops, each hydrated by a worker that knows nothing`);
      const report = await measureGrowth(corpus, { hops, bytesPerHop: options.bytesPerHop, cold: true });
      rows.push(...report.rows);
      notes.push(`${corpus.name}, ${hops} hops: ${describe(report.besides)}`);
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
  console.log(`\nBeside its slots agenthandoff wrote\n${notes.join("\n")}`);
}

function describe({ auditEvents, auditBytes, messages, messageBytes }: Besides): string {
  const audit = `${auditEvents} audit events (${auditBytes.toLocaleString("en-US")} bytes)`;
  return `${audit} and ${messages} messages (${messageBytes.toLocaleString("en-US")} bytes)`;
}
