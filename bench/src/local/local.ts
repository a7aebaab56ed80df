import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@agenthandoff/local";
import type { Corpus } from "../corpus/corpus.js";
import { withScratch } from "../files/scratch.js";
import { runChild } from "../process/run-child.js";
import { measureRecords } from "../script/record-bytes.js";
import { messagesByHop, type Script } from "../script/script.js";
import { writeScript } from "../script/write-script.js";
import { PEERS } from "./install-peers.js";
import { parseRunResult, type Reading, type RunRequest, type RunResult } from "./measured-run.js";
import { assertSameChain } from "./same-chain.js";
import { spreadOf } from "./spread.js";

export interface LocalRow {
  readonly system: string;
  readonly mode: string;
  readonly hops: number;
  readonly bytesPerHop: number;
  readonly runs: number;
  readonly handoffsPerSecond: number;
  readonly handoffsPerSecondMin: number;
  readonly handoffsPerSecondMax: number;
  readonly cpuMsPerHop: number;
  readonly cpuMsPerHopMin: number;
  readonly cpuMsPerHopMax: number;
  readonly storedBytes: number;
  readonly storedBytesMin: number;
  readonly storedBytesMax: number;
}

interface Contestant {
  readonly system: string;
  readonly mode: string;
  /** What its process runs. */
  readonly file: string;
}

const CONTESTANTS: readonly Contestant[] = [
  { system: "agenthandoff", mode: "warm", file: join(import.meta.dirname, "agenthandoff-warm.ts") },
  { system: "agenthandoff", mode: "cold", file: join(import.meta.dirname, "agenthandoff-cold.ts") },
  { system: "langgraph-sqlite", mode: "one-run", file: join(PEERS, "langgraph-sqlite.ts") },
];

export interface LocalOptions {
  readonly hops: number;
  readonly bytesPerHop: number;
  readonly runs: number;
  readonly reading: Reading;
  /** Where to write. Default: beside the sources. */
  readonly directory?: string;
  readonly onRun?: (run: {
    readonly contestant: Contestant;
    readonly round: number;
    readonly result: RunResult;
  }) => void;
}

/** Plays one script on each system, run by run in turn, so that what else the machine does meets them all. */
export async function measureLocal(corpus: Corpus, options: LocalOptions): Promise<readonly LocalRow[]> {
  return await withScratch(options.directory, async (scratch) => {
    const hops = messagesByHop(await writeLocalScript(corpus, options, scratch));
    const scriptFile = join(scratch, "script.json");
    writeFileSync(scriptFile, JSON.stringify(hops));

    const results = new Map<Contestant, RunResult[]>(CONTESTANTS.map((contestant) => [contestant, []]));
    for (let round = 1; round <= options.runs; round++) {
      for (const [contestant, ofContestant] of results) {
        const directory = join(scratch, "run");
        mkdirSync(directory);
        const request: RunRequest = { scriptFile, directory, reading: options.reading };
        const [answer] = await runChild(contestant.file, request);
        const result = parseRunResult(answer);
        rmSync(directory, { recursive: true });
        assertSameChain(hops, options.reading, result, `${contestant.system} (${contestant.mode})`);
        ofContestant.push(result);
        options.onRun?.({ contestant, round, result });
      }
    }
    return [...results].map(([contestant, ofContestant]) => rowOf(contestant, options, ofContestant));
  });
}

async function writeLocalScript(corpus: Corpus, options: LocalOptions, scratch: string): Promise<Script> {
  const rehearsal = local({ directory: join(scratch, "rehearsal") });
  try {
    return writeScript(corpus, { ...options, recordBytes: await measureRecords(rehearsal) });
  } finally {
    await rehearsal.close();
  }
}

function rowOf({ system, mode }: Contestant, options: LocalOptions, results: readonly RunResult[]): LocalRow {
  const { hops, bytesPerHop } = options;
  const handoffsPerSecond = spreadOf(results.map(({ seconds }) => hops / seconds));
  const cpuMsPerHop = spreadOf(results.map(({ cpuMs }) => cpuMs / hops));
  const storedBytes = spreadOf(results.map((result) => result.storedBytes));
  return {
    system,
    mode,
    hops,
    bytesPerHop,
    runs: results.length,
    handoffsPerSecond: handoffsPerSecond.median,
    handoffsPerSecondMin: handoffsPerSecond.min,
    handoffsPerSecondMax: handoffsPerSecond.max,
    cpuMsPerHop: cpuMsPerHop.median,
    cpuMsPerHopMin: cpuMsPerHop.min,
    cpuMsPerHopMax: cpuMsPerHop.max,
    storedBytes: storedBytes.median,
    storedBytesMin: storedBytes.min,
    storedBytesMax: storedBytes.max,
  };
}
