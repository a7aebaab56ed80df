import { formatTable } from "../table.js";
import { measureChain } from "./chain.js";

const MEGABYTE = 1_000_000;

/** Plays the chain and prints what was found; the process fails when the chain did not complete or does not verify. */
export async function printChain(options: {
  readonly hops: number;
  readonly bytesPerHop: number;
  readonly directory?: string;
  readonly json: boolean;
}): Promise<void> {
  const report = await measureChain({ ...options, corpus: "coding" });
  const { rows, completed, verified, hopsVerified, verifySeconds, storedBytes } = report;
  const isWhole = completed && verified && hopsVerified === options.hops;
  if (!isWhole) process.exitCode = 1;
  if (options.json) {
    console.log(JSON.stringify(report));
    return;
  }
  const megabytes = (bytes: number): number => Number((bytes / MEGABYTE).toFixed(1));
  const cells = rows.map((row) => [
    row.hops,
    Number(row.seconds.toFixed(1)),
    megabytes(row.rssBytes),
    megabytes(row.heapUsedBytes),
    megabytes(row.externalBytes),
  ]);
  console.log(formatTable(["hops", "seconds", "rss MB", "heap used MB", "external MB"], cells));
  console.log(`completed: ${completed}; ${hopsVerified} hops verified: ${verified}, in ${verifySeconds.toFixed(1)} s`);
  console.log(`stored: ${storedBytes.toLocaleString("en-US")} bytes`);
}
