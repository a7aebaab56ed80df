import { CORPORA } from "../corpus/corpora.js";
import { formatTable } from "../table.js";
import { countOnServers } from "./count-on-servers.js";
import { type CostRow, measureCost, perHandoff, scriptFor } from "./measure-cost.js";

/** Long enough for the first and the last hop, which differ, to weigh little. */
const COUNTED_HOPS = 50;

/** Prints what a million handoffs cost on AWS, in US dollars. */
export async function printAwsCost(options: {
  readonly hops: readonly number[];
  readonly bytesPerHop: number;
  readonly json: boolean;
}): Promise<void> {
  const corpus = CORPORA.coding();
  console.error(`${COUNTED_HOPS} hops on servers that stand for AWS, counted`);
  const use = await countOnServers(await scriptFor(corpus, COUNTED_HOPS, options.bytesPerHop));
  const shared = perHandoff(use, COUNTED_HOPS);
  const rows: CostRow[] = [];
  for (const hops of options.hops) {
    console.error(`${corpus.name}: ${hops} hops`);
    rows.push(...(await measureCost(await scriptFor(corpus, hops, options.bytesPerHop), shared)));
  }
  if (options.json) {
    console.log(JSON.stringify({ bytesPerHop: options.bytesPerHop, counted: { hops: COUNTED_HOPS, ...use }, rows }));
    return;
  }
  const titles = ["scheme", "hops", "gets", "bytes stored", "S3", "SQS", "DynamoDB", "requests", "storage, a month"];
  const dollars = (amount: number): number => Number(amount.toFixed(2));
  const cells = rows.map((row) => [
    row.scheme,
    row.hops,
    Number(row.getsPerHandoff.toFixed(1)),
    row.bytesStoredPerHandoff,
    ...[row.s3Requests, row.sqs, row.dynamodb, row.requests, row.storageMonth].map(dollars),
  ]);
  console.log(
    `US dollars for a million handoffs of ${options.bytesPerHop.toLocaleString("en-US")} bytes; gets and bytes are for one\n`,
  );
  console.log(formatTable(titles, cells));
  console.log(`\nCounted on ${COUNTED_HOPS} hops: ${JSON.stringify(use.calls)}`);
}
