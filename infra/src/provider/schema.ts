import { readFileSync } from "node:fs";
import { z } from "zod";

type Primitive = "string" | "number" | "bool";

export interface Attribute {
  /** As Terraform's protocol has types, in JSON. */
  readonly type: Primitive | readonly ["list" | "set" | "map", Primitive];
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
}

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly blocks: Readonly<Record<string, NestedBlock>>;
}
export interface NestedBlock extends Block {
  readonly nesting: "single" | "list" | "set";
  readonly min: number;
  /** 0: any number. */
  readonly max: number;
}

const primitive = z.enum(["string", "number", "bool"]);
const attribute: z.ZodType<Attribute> = z.strictObject({
  type: z.union([primitive, z.tuple([z.enum(["list", "set", "map"]), primitive])]),
  required: z.boolean().default(false),
  optional: z.boolean().default(false),
  computed: z.boolean().default(false),
});

const block: z.ZodType<Block> = z.strictObject({
  attributes: z.record(z.string(), attribute),
  get blocks() {
    return z.record(z.string(), nestedBlock).default({});
  },
});
const nestedBlock: z.ZodType<NestedBlock> = z.strictObject({
  nesting: z.enum(["single", "list", "set"]),
  min: z.int().default(0),
  max: z.int().default(0),
  attributes: z.record(z.string(), attribute),
  get blocks() {
    return z.record(z.string(), nestedBlock).default({});
  },
});

export interface ProviderSchema {
  /** The version of the provider that it was read from. */
  readonly provider: string;
  readonly resources: Readonly<Record<string, Block>>;
  readonly dataSources: Readonly<Record<string, Block>>;
}

const schema: z.ZodType<ProviderSchema> = z.strictObject({
  provider: z.string(),
  resources: z.record(z.string(), block),
  dataSources: z.record(z.string(), block),
});

/** What the module may use of the AWS provider; `scripts/extract-schema.mjs` tells where it is from. */
export const awsSchema = (): ProviderSchema =>
  schema.parse(JSON.parse(readFileSync(new URL("aws-schema.json", import.meta.url), "utf8")));
