import { local } from "@agenthandoff/local";
import { CORPORA } from "../corpus/corpora.js";
import { tellParent } from "../process/run-child.js";
import { playScript } from "../script/play-script.js";
import { measureRecords } from "../script/record-bytes.js";
import { writeScript } from "../script/write-script.js";
import type { ChainMark, ChainRequest } from "./chain.js";

// A worker in a process of its own, started with --expose-gc: plays a chain and tells its parent what memory it takes.

// The bench's own words: `runChild` wrote them.
const request = JSON.parse(process.argv[2] ?? "") as ChainRequest;
const rehearsal = local({ directory: request.rehearsalDirectory });
const recordBytes = await measureRecords(rehearsal);
await rehearsal.close();
const script = writeScript(CORPORA[request.corpus](), { ...request, recordBytes });

const backend = local({ directory: request.directory });
const startedAt = performance.now();
mark(0);
await playScript({
  script,
  backend,
  observer: (event) => {
    if (event.kind === "committed" && request.marks.includes(event.hop + 1)) mark(event.hop + 1);
  },
});
await backend.close();

function mark(hops: number): void {
  const seconds = (performance.now() - startedAt) / 1000;
  if (globalThis.gc === undefined) throw new Error("this process needs --expose-gc");
  globalThis.gc();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const found: ChainMark = {
    hops,
    seconds,
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    arrayBuffersBytes: arrayBuffers,
  };
  tellParent(found);
}
