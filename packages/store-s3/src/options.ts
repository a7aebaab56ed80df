import { clientOption, clockOption, parseOptions, randomOption, regionOption } from "@agenthandoff/aws-common";
import type { Clock, Random } from "@agenthandoff/core";
import type { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { DEFAULT_MAX_OBJECT_BYTES, DEFAULT_PROBE_KEY } from "./limits.js";

/** A KMS key that objects are encrypted with, in place of the bucket's own setting. */
export interface KmsEncryption {
  /** The key's id, ARN or alias. */
  readonly kmsKeyId: string;
  /** One data key for many objects of the bucket: fewer calls to KMS. Default: true. */
  readonly bucketKey?: boolean;
}

export interface S3StoreOptions {
  /** The bucket's name, or an access point's ARN or alias. */
  readonly bucket: string;
  /** Used as it is, with its own region, credentials and timeouts; left open by `close()`. Default: one of the store's own. */
  readonly client?: S3Client;
  /** The region of the store's own client. Default: by the SDK's own chain. */
  readonly region?: string;
  /** For how long S3 may be silent toward the store's own client, in milliseconds. Default: 30 seconds. */
  readonly timeoutMs?: number;
  /** The AWS account that the bucket must belong to; every request to a bucket of another account is refused. */
  readonly expectedBucketOwner?: string;
  /** `"s3"` for keys that S3 manages, or a KMS key. Default: as the bucket is set up. */
  readonly encryption?: "s3" | KmsEncryption;
  /** The largest object that is written or read, in bytes. Default: 1 GiB. */
  readonly maxObjectBytes?: number;
  /**
   * The key of the small object with which the store finds out, before its first conditional write, whether the bucket
   * keeps such writes; `false` trusts the bucket. Default: `_agenthandoff/conditional-writes`.
   */
  readonly probeKey?: string | false;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
}

/** Options in which only what truly may be missing is optional. */
export interface ParsedOptions {
  readonly bucket: string;
  readonly client?: S3Client | undefined;
  readonly region?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly expectedBucketOwner?: string | undefined;
  readonly encryption?: "s3" | { readonly kmsKeyId: string; readonly bucketKey: boolean } | undefined;
  readonly maxObjectBytes: number;
  readonly probeKey: string | false;
  readonly clock: Clock;
  readonly random: Random;
}

const text = (what: string) => z.string(`must be ${what}`).min(1, `must be ${what}, not an empty text`);

const schema = z
  .strictObject({
    bucket: text("a bucket's name").refine((bucket) => !bucket.endsWith("--x-s3"), {
      error:
        "must not be a directory bucket, which lists keys in no order; use a general purpose bucket, or an access point of one",
    }),
    client: clientOption<S3Client>("an S3Client"),
    region: regionOption,
    timeoutMs: z.int("must be a whole number of milliseconds").min(1, "must be at least 1").optional(),
    expectedBucketOwner: z
      .string("must be an account's id")
      .regex(/^\d{12}$/, "must be an account's id, of 12 digits")
      .optional(),
    encryption: z
      .union(
        [
          z.literal("s3"),
          z.strictObject({ kmsKeyId: text("a KMS key's id, ARN or alias"), bucketKey: z.boolean().default(true) }),
        ],
        'must be "s3" or { kmsKeyId, bucketKey? }',
      )
      .optional(),
    maxObjectBytes: z
      .int("must be a whole number of bytes")
      .min(1, "must be at least 1")
      .default(DEFAULT_MAX_OBJECT_BYTES),
    probeKey: z.union([text("a key"), z.literal(false)], "must be a key, or false").default(DEFAULT_PROBE_KEY),
    prefix: z
      .never("belongs to the backend, whose keys then bear it: aws({ prefix }), or { store: s3Store(…), prefix, … }")
      .optional(),
    clock: clockOption,
    random: randomOption,
  })
  .superRefine(({ client, region, timeoutMs }, context) => {
    if (client === undefined) return;
    for (const [name, value] of Object.entries({ region, timeoutMs })) {
      if (value === undefined) continue;
      context.addIssue({
        code: "custom",
        path: [name],
        message: "must be left out where a client is given: the client has its own",
      });
    }
  });

/** @throws InvalidOptionsError that names each option at fault. */
export function parseS3Options(options: unknown): ParsedOptions {
  return parseOptions("s3Store", schema, options);
}
