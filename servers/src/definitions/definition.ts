import { join } from "node:path";
import type { ServerCommand } from "../server-process.js";
import type { Service } from "../services.js";
import type { Tool } from "../tools.js";

/** How one server is had and run. */
export interface ServerDefinition {
  readonly service: Service;
  readonly title: string;
  /** What must be on the machine to run it. */
  readonly runsOn: readonly Tool[];
  /** What must be there besides to fetch it. */
  readonly fetchedBy: readonly Tool[];
  /** Whether a fetch takes so long that only those who ask for the server by name or choice should wait for it. */
  readonly slowToFetch: boolean;
  /** Fetches under one lock wait for each other: a package manager's own store is not made for two at once. */
  readonly lock: string;
  /** The folder of the cache that holds it once it is fetched. */
  readonly key: () => Promise<string>;
  readonly fetch: (folder: string, log: string) => Promise<void>;
  /** `scratch` is an empty folder that goes when the server does. */
  readonly command: (folder: string, port: number, scratch: string) => ServerCommand | Promise<ServerCommand>;
}

/** A file of this package that is no TypeScript. */
export const packageFile = (...path: readonly string[]): string => join(import.meta.dirname, "../..", ...path);

const jsonProbe = (service: Service, target: string): ServerCommand["probe"] => ({
  method: "POST",
  headers: {
    // Nobody checks the signature, but moto tells services apart by it and DynamoDB Local asks for one.
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": target,
  },
  body: "{}",
});

/** The smallest real request to each service. */
export const PROBES: Readonly<Record<Service, ServerCommand["probe"]>> = {
  s3: { method: "GET", headers: {} },
  sqs: jsonProbe("sqs", "AmazonSQS.ListQueues"),
  dynamodb: jsonProbe("dynamodb", "DynamoDB_20120810.ListTables"),
};
