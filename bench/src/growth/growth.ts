import { memory } from "@agenthandoff/core/memory";
import type { Corpus } from "../corpus/corpus.js";
import { assertHopBytes, rawHandoffs } from "../script/raw-handoffs.js";
import { measureRecords } from "../script/record-bytes.js";
import { writeScript } from "../script/write-script.js";
import { type Besides, type ChainCount, countChain } from "./count-chain.js";
import { floorOf, type SchemeCount, sum, wholeHistoryOf } from "./schemes.js";

export interface GrowthRow extends SchemeCount {
  readonly corpus: string;
  readonly scheme: "agenthandoff" | "whole-history-json" | "floor";
  readonly hops: number;
  readonly bytesPerHop: number;
  readonly floorBytes: number;
}

export interface GrowthReport {
  readonly rows: readonly GrowthRow[];
  /** What the runtime wrote beside its slots, which no row counts. */
  readonly besides: Besides;
}

/** How the bytes and requests of one chain grow: what the runtime really wrote and read, beside two schemes to compare. */
export async function measureGrowth(
  corpus: Corpus,
  options: { readonly hops: number; readonly bytesPerHop: number; readonly cold: boolean },
): Promise<GrowthReport> {
  const { hops, bytesPerHop } = options;
  const script = writeScript(corpus, { hops, bytesPerHop, recordBytes: await measureRecords(memory()) });
  const chain = await countChain(script, options);
  const handoffs = await rawHandoffs(chain.backend.store);
  assertHopBytes(handoffs, bytesPerHop);

  const floor = floorOf(handoffs);
  const row = (scheme: GrowthRow["scheme"], count: SchemeCount): GrowthRow => ({
    corpus: corpus.name,
    scheme,
    hops,
    bytesPerHop,
    ...count,
    floorBytes: floor.bytesWritten,
  });
  const rows = [
    row("agenthandoff", summarize(chain)),
    row("whole-history-json", wholeHistoryOf(handoffs)),
    row("floor", floor),
  ];
  return { rows, besides: chain.besides };
}

function summarize({ commits, hydrations }: ChainCount): SchemeCount {
  return {
    bytesWritten: sum(commits.map((each) => each.bytesWritten)),
    puts: sum(commits.map((each) => each.puts)),
    maxGets: Math.max(...hydrations.map(({ gets }) => gets)),
    rounds: Math.max(...hydrations.map(({ rounds }) => rounds)),
  };
}
