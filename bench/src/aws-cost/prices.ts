interface Prices {
  readonly s3: { readonly put: number; readonly get: number; readonly gigabyteMonth: number };
  /** FIFO queues. A request is billed once for each `chunkBytes` that it carries, or part of them. */
  readonly sqs: { readonly request: number; readonly chunkBytes: number };
  readonly dynamodb: { readonly writeUnit: number; readonly readUnit: number };
}

/**
 * US dollars on demand in us-east-1, as AWS published them in November 2026. Free tiers and discounts are left out.
 * Transfer between these services and compute in one region costs nothing.
 */
export const PRICES: Prices = {
  s3: { put: 0.005 / 1_000, get: 0.0004 / 1_000, gigabyteMonth: 0.023 },
  sqs: { request: 0.5 / 1_000_000, chunkBytes: 65_536 },
  dynamodb: { writeUnit: 0.625 / 1_000_000, readUnit: 0.125 / 1_000_000 },
};
