import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { credentials, region } from "../credentials.js";
import { uniqueName } from "../facts/fact.js";

/** How the rounds of a race ended. */
export interface RaceTally {
  readonly rounds: number;
  /** One of the two wrote, the other was refused with 412 (or 409, which asks to try again). */
  oneWon: number;
  bothWon: number;
  noneWon: number;
  /** Rounds whose key holds what its one winner did not write. */
  wrongBody: number;
  /** How often each outcome was seen, of two in each round. */
  readonly outcomes: Record<string, number>;
}

const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const NAMES = ["ann", "bob"] as const;

const answerOf = async (child: ChildProcess): Promise<string> => {
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`A writer ended with ${String(code)}.`))),
  ])) as [string];
  return message;
};

/** In one request, or as an upload in parts whose completion is conditional. */
export type Way = "put" | "parts";

/** Two processes write each of `rounds` keys at once, both with `If-None-Match: *`. */
export const race = async (
  endpoint: string,
  rounds: number,
  ways: readonly [Way, Way] = ["put", "put"],
): Promise<RaceTally> => {
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const bucket = uniqueName("race");
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const script = join(import.meta.dirname, "race-writer.ts");
  const writers = NAMES.map((name, index) =>
    fork(script, [endpoint, bucket, name, ways[index] ?? "put"], { execArgv: ["--import", TSX] }),
  );
  const tally: RaceTally = { rounds, oneWon: 0, bothWon: 0, noneWon: 0, wrongBody: 0, outcomes: {} };
  try {
    await Promise.all(writers.map(answerOf));
    for (let round = 0; round < rounds; round++) {
      const answers = Promise.all(writers.map(answerOf));
      for (const writer of writers) writer.send(round);
      const outcomes = await answers;
      for (const outcome of outcomes) tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
      const winners = NAMES.filter((_, index) => outcomes[index] === "ok");
      if (winners.length === 2) tally.bothWon += 1;
      else if (winners.length === 0) tally.noneWon += 1;
      else {
        tally.oneWon += 1;
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `key-${round}` }));
        if ((await object.Body?.transformToString()) !== winners[0]) tally.wrongBody += 1;
      }
    }
    return tally;
  } finally {
    for (const writer of writers) writer.disconnect();
  }
};
