import { PRICES } from "./prices.js";

/** What one handoff asks of the services, on average over a chain. Requests and units may be fractions. */
export interface HandoffUse {
  readonly s3: { readonly puts: number; readonly gets: number; readonly bytesStored: number };
  /** Requests as they are billed: more than one for each that carries more than 64 KiB. */
  readonly sqs: { readonly requests: number };
  readonly dynamodb: { readonly writeUnits: number; readonly readUnits: number };
}

/** US dollars for a million handoffs. */
export interface MillionHandoffs {
  readonly s3Requests: number;
  readonly sqs: number;
  readonly dynamodb: number;
  readonly requests: number;
  /** Keeping what they wrote to S3 for one month. */
  readonly storageMonth: number;
}

const MILLION = 1_000_000;
const GIGABYTE = 1_000_000_000;

/** What a million handoffs cost. */
export function costOfMillion({ s3, sqs, dynamodb }: HandoffUse): MillionHandoffs {
  const s3Requests = MILLION * (s3.puts * PRICES.s3.put + s3.gets * PRICES.s3.get);
  const queues = MILLION * sqs.requests * PRICES.sqs.request;
  const audit =
    MILLION * (dynamodb.writeUnits * PRICES.dynamodb.writeUnit + dynamodb.readUnits * PRICES.dynamodb.readUnit);
  return {
    s3Requests,
    sqs: queues,
    dynamodb: audit,
    requests: s3Requests + queues + audit,
    storageMonth: ((MILLION * s3.bytesStored) / GIGABYTE) * PRICES.s3.gigabyteMonth,
  };
}

/** As how many requests SQS bills one that carries so many bytes. */
export function billedRequests(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PRICES.sqs.chunkBytes));
}
