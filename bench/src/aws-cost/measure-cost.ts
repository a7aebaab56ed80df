import { memory } from "@agenthandoff/core/memory";
import type { Corpus } from "../corpus/corpus.js";
import { countChain } from "../growth/count-chain.js";
import { sum, wholeHistoryOf } from "../growth/schemes.js";
import { rawHandoffs } from "../script/raw-handoffs.js";
import { measureRecords } from "../script/record-bytes.js";
import type { Script } from "../script/script.js";
import { writeScript } from "../script/write-script.js";
import { costOfMillion, type HandoffUse, type MillionHandoffs } from "./cost.js";
import type { QueueAndTableUse } from "./count-on-servers.js";

export type Scheme = "agenthandoff" | "agenthandoff-cold" | "whole-history-json";

export interface CostRow extends MillionHandoffs {
  readonly scheme: Scheme;
  readonly hops: number;
  /** On average. */
  readonly getsPerHandoff: number;
  readonly bytesStoredPerHandoff: number;
}

export async function scriptFor(corpus: Corpus, hops: number, bytesPerHop: number): Promise<Script> {
  return writeScript(corpus, { hops, bytesPerHop, recordBytes: await measureRecords(memory()) });
}

/**
 * What a million handoffs cost in chains of a length: S3 as the runtime uses it, warm and cold, and as whole-history JSON
 * would. Queue and table are used alike by all; what they cost does not grow with the chain, so it is counted on a short one.
 */
export async function measureCost(
  script: Script,
  shared: Pick<HandoffUse, "sqs" | "dynamodb">,
): Promise<readonly CostRow[]> {
  const warm = await countChain(script, { cold: false });
  const cold = await countChain(script, { cold: true });
  const whole = wholeHistoryOf(await rawHandoffs(warm.backend.store));
  const { hops } = script;
  const row = (scheme: Scheme, s3: HandoffUse["s3"]): CostRow => ({
    scheme,
    hops,
    getsPerHandoff: s3.gets,
    bytesStoredPerHandoff: Math.round(s3.bytesStored),
    ...costOfMillion({ s3, ...shared }),
  });
  const ours = ({ hydrations, commits }: typeof warm) => ({
    puts: sum(commits.map(({ puts }) => puts)) / hops,
    gets: sum(hydrations.map(({ gets }) => gets)) / hops,
    bytesStored: sum(commits.map(({ bytesWritten }) => bytesWritten)) / hops,
  });
  return [
    row("agenthandoff", ours(warm)),
    row("agenthandoff-cold", ours(cold)),
    // Every hop but the first reads the last object, and looks whether its own slot is taken.
    row("whole-history-json", {
      puts: whole.puts / hops,
      gets: (whole.maxGets * (hops - 1)) / hops,
      bytesStored: whole.bytesWritten / hops,
    }),
  ];
}

/** What one handoff asked of queue and table, on average over a chain. */
export function perHandoff(use: QueueAndTableUse, hops: number): Pick<HandoffUse, "sqs" | "dynamodb"> {
  return {
    sqs: { requests: use.sqsRequests / hops },
    dynamodb: { writeUnits: use.writeUnits / hops, readUnits: use.readUnits / hops },
  };
}
