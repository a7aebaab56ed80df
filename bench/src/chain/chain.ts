import { join } from "node:path";
import { local } from "@agenthandoff/local";
import { z } from "zod";
import type { CorpusName } from "../corpus/corpora.js";
import { directoryBytes, withScratch } from "../files/scratch.js";
import { runChild } from "../process/run-child.js";
import { assertHopBytes, rawHandoffs } from "../script/raw-handoffs.js";
import { scriptOf } from "../script/script.js";
import { createScriptedRelay, TASK_ID } from "../script/scripted-relay.js";

export interface ChainRequest {
  readonly corpus: CorpusName;
  readonly hops: number;
  readonly bytesPerHop: number;
  /** At how many hops to measure, beside 0. */
  readonly marks: readonly number[];
  readonly directory: string;
  readonly rehearsalDirectory: string;
}

export interface ChainMark {
  /** How many are committed. */
  readonly hops: number;
  /** Since the start. */
  readonly seconds: number;
  readonly rssBytes: number;
  /** After a full collection, as the others. */
  readonly heapUsedBytes: number;
  /** Outside the heap, array buffers included. */
  readonly externalBytes: number;
  readonly arrayBuffersBytes: number;
}

const markSchema: z.ZodType<ChainMark> = z.object({
  hops: z.number(),
  seconds: z.number(),
  rssBytes: z.number(),
  heapUsedBytes: z.number(),
  externalBytes: z.number(),
  arrayBuffersBytes: z.number(),
});

export interface ChainReport {
  readonly rows: readonly ChainMark[];
  readonly bytesPerHop: number;
  readonly completed: boolean;
  readonly verified: boolean;
  readonly hopsVerified: number;
  readonly verifySeconds: number;
  /** Of every file, after close. */
  readonly storedBytes: number;
}

/** Plays one long chain on the local backend, tells what memory its worker takes on the way, and verifies it. */
export async function measureChain(
  options: Pick<ChainRequest, "corpus" | "hops" | "bytesPerHop"> & { readonly directory?: string },
): Promise<ChainReport> {
  const { corpus, hops, bytesPerHop } = options;
  return await withScratch(options.directory, async (scratch) => {
    const directory = join(scratch, "chain");
    const request: ChainRequest = {
      corpus,
      hops,
      bytesPerHop,
      marks: [Math.ceil(hops / 10), hops],
      directory,
      rehearsalDirectory: join(scratch, "rehearsal"),
    };
    const answers = await runChild(join(import.meta.dirname, "chain-worker.ts"), request, {
      nodeOptions: ["--expose-gc"],
    });
    const rows = z.array(markSchema).parse(answers);
    return {
      rows,
      bytesPerHop,
      storedBytes: directoryBytes(directory),
      ...(await verifyChain(directory, bytesPerHop)),
    };
  });
}

/** Reads the chain again in this process, which knows nothing of it. */
async function verifyChain(
  directory: string,
  bytesPerHop: number,
): Promise<Pick<ChainReport, "completed" | "verified" | "hopsVerified" | "verifySeconds">> {
  const backend = local({ directory });
  try {
    const task = createScriptedRelay({ script: scriptOf(1), backend }).task(TASK_ID);
    const before = performance.now();
    const { ok, hops } = await task.verify();
    const verifySeconds = (performance.now() - before) / 1000;
    assertHopBytes(await rawHandoffs(backend.store), bytesPerHop);
    const { state } = await task.head();
    return { completed: state === "completed", verified: ok, hopsVerified: hops, verifySeconds };
  } finally {
    await backend.close();
  }
}
