import { join } from "node:path";
import {
  type handleUnaryCall,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Attribute, Block, NestedBlock, ProviderSchema } from "./schema.js";
import { applied, pack, planned, unpack, type Values } from "./values.js";

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";

/** What data sources and AWS itself would say. */
const ANSWERS: Readonly<Record<string, string>> = {
  account_id: ACCOUNT,
  partition: "aws",
  dns_suffix: "amazonaws.com",
  region: REGION,
  name: REGION,
};

export interface StandIn {
  /** What tells Terraform and OpenTofu to talk to it instead of a provider that they would download. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Request {
  readonly type_name: string;
  readonly config: Dynamic;
  readonly proposed_new_state: Dynamic;
  readonly planned_state: Dynamic;
  readonly current_state: Dynamic;
  readonly raw_state: { readonly json: Uint8Array };
}
interface Dynamic {
  readonly msgpack: Uint8Array;
}

/**
 * A provider of that schema, on 127.0.0.1, with no service behind it: it takes whatever has the right names and types,
 * and decides whatever AWS would decide by a text that tells what it stands for.
 */
export async function serveProvider(schema: ProviderSchema): Promise<StandIn> {
  const definition = loadSync(join(import.meta.dirname, "tfplugin5.proto"), {
    keepCase: true,
    enums: Number,
    longs: Number,
  });
  // The types of grpc-js cannot know what a .proto file that is read at run time declares.
  const { Provider } = loadPackageDefinition(definition).tfplugin5 as unknown as { Provider: ServiceClientConstructor };
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const blockOf = (type: string): Block => {
    const block = schema.resources[type] ?? schema.dataSources[type];
    if (block === undefined) throw new Error(`${type} is not in the schema; add it in scripts/extract-schema.mjs`);
    return block;
  };
  const answer =
    (make: (request: Request) => object): handleUnaryCall<Request, object> =>
    ({ request }, done) => {
      try {
        done(null, make(request));
      } catch (error) {
        const detail = (error as Error).message;
        done(null, { diagnostics: [{ severity: 1, summary: "the stand-in for the provider failed", detail }] });
      }
    };
  const dynamic = (value: Values | null): Dynamic => ({ msgpack: pack(value) });

  server.addService(Provider.service, {
    GetSchema: answer(() => ({
      provider: { block: { attributes: PROVIDER_ARGUMENTS.map(toWireAttribute) } },
      resource_schemas: toWire(schema.resources),
      data_source_schemas: toWire(schema.dataSources),
    })),
    PrepareProviderConfig: answer(({ config }) => ({ prepared_config: config })),
    Configure: answer(() => ({})),
    ValidateResourceTypeConfig: answer(() => ({})),
    ValidateDataSourceConfig: answer(() => ({})),
    UpgradeResourceState: answer(({ raw_state }) => ({
      upgraded_state: dynamic(JSON.parse(new TextDecoder().decode(raw_state.json)) as Values),
    })),
    ReadResource: answer(({ current_state }) => ({ new_state: current_state })),
    PlanResourceChange: answer(({ type_name, proposed_new_state }) => {
      const proposed = unpack(proposed_new_state.msgpack);
      return {
        planned_state: dynamic(proposed && planned(blockOf(type_name), proposed)),
        legacy_type_system: true,
      };
    }),
    ApplyResourceChange: answer(({ type_name, planned_state }) => {
      const values = unpack(planned_state.msgpack);
      return {
        new_state: dynamic(values && applied(blockOf(type_name), values, deciding(type_name, values))),
        legacy_type_system: true,
      };
    }),
    ReadDataSource: answer(({ type_name, config }) => {
      const block = blockOf(type_name);
      const values = planned(block, unpack(config.msgpack) ?? {});
      return { state: dynamic(applied(block, values, (name) => ANSWERS[name] ?? `${type_name}.${name}`)) };
    }),
    Stop: answer(() => ({})),
  });

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const reattach = {
    Protocol: "grpc",
    ProtocolVersion: 5,
    Pid: process.pid,
    // Terraform must not end this process when it is done.
    Test: true,
    Addr: { Network: "tcp", String: `127.0.0.1:${port}` },
  };
  return {
    environment: { TF_REATTACH_PROVIDERS: JSON.stringify({ "hashicorp/aws": reattach }) },
    stop: async () => server.forceShutdown(),
  };
}

/** What the provider block of the examples may say. */
const PROVIDER_ARGUMENTS = [["region", { type: "string", required: false, optional: true, computed: false }]] as const;

/** Of the resource's own type, so that Terraform takes it. */
function deciding(resource: string, values: Values): (name: string, attribute: Attribute) => unknown {
  const called = String(values.name ?? values.bucket ?? values.function_name ?? values.family ?? "unnamed");
  return (name, { optional, type: kind }) => {
    // What could have been given stays out, but for the resource's own id.
    if (optional && name !== "id") return null;
    if (kind === "number") return 0;
    if (kind === "bool") return false;
    if (Array.isArray(kind)) return kind[0] === "map" ? {} : [];
    if (name === "url" || name === "id")
      return resource === "aws_sqs_queue" ? `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${called}` : called;
    return name === "arn"
      ? `arn:aws:stand-in:${REGION}:${ACCOUNT}:${resource}/${called}`
      : `${resource}.${name} of ${called}`;
  };
}

const toWire = (blocks: Readonly<Record<string, Block>>): object =>
  Object.fromEntries(Object.entries(blocks).map(([name, block]) => [name, { block: toWireBlock(block) }]));

function toWireBlock({ attributes, blocks }: Block): object {
  return {
    attributes: Object.entries(attributes).map(toWireAttribute),
    block_types: Object.entries(blocks).map(toWireNested),
  };
}

const toWireAttribute = ([name, { type, required, optional, computed }]: readonly [
  string,
  Block["attributes"][string],
]): object => ({
  name,
  type: new TextEncoder().encode(JSON.stringify(type)),
  required,
  optional,
  computed,
});

const NESTING = { single: 1, list: 2, set: 3 } as const;

const toWireNested = ([name, block]: readonly [string, NestedBlock]): object => ({
  type_name: name,
  block: toWireBlock(block),
  nesting: NESTING[block.nesting],
  min_items: block.min,
  max_items: block.max,
});
