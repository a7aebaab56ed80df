import { describe, inject, type SuiteAPI } from "vitest";
import { credentials, region } from "../credentials.js";
import type { Service } from "../services.js";

export { describeWithPython } from "./python.js";

/** A server as tests see it. */
export type TestServer =
  | { readonly name: string; readonly endpoint: string }
  | { readonly name: string; readonly missing: string };

export type AwsServers = Readonly<Record<Service, TestServer>>;

declare module "vitest" {
  export interface ProvidedContext {
    awsServers: AwsServers;
  }
}

/** Not a reason to skip a suite: it would be skipped in CI too. */
export const NOT_ASKED_FOR =
  "this project does not ask for it: SERVICES_OF in servers/src/vitest/global-setup.ts says so";

/** A skipped suite is read all the same, and may make clients that nothing will use. */
const NOWHERE = "http://127.0.0.1:9";

/** What an SDK client takes to talk to a server: spread it into the client's options. */
export interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export const clientConfiguration = (endpoint: string): ClientConfiguration => ({ endpoint, region, credentials });

/**
 * `describe` for suites that need servers: `describeWithServers(["s3"], "title", ({ s3 }) => { … })`.
 * Where one of them is missing the suite is listed as skipped, with the reason in its title. (With `CI=true` the run
 * has failed before.)
 */
export const describeWithServers = <const Needed extends Service>(
  services: readonly Needed[],
  title: string,
  suite: (configurations: Readonly<Record<Needed, ClientConfiguration>>) => void,
): void => {
  const servers = inject("awsServers");
  const missing = services.flatMap((service) => {
    const server = servers[service];
    if (!("missing" in server)) return [];
    if (server.missing === NOT_ASKED_FOR) throw new Error(`${server.name} does not run, since ${NOT_ASKED_FOR}.`);
    return [server.missing];
  });
  const configurations = Object.fromEntries(
    services.map((service) => {
      const server = servers[service];
      return [service, clientConfiguration("endpoint" in server ? server.endpoint : NOWHERE)];
    }),
  ) as Record<Needed, ClientConfiguration>;
  const api: SuiteAPI | SuiteAPI["skip"] = missing.length === 0 ? describe : describe.skip;
  api(missing.length === 0 ? title : `${title} (skipped: ${missing.join("; ")})`, () => suite(configurations));
};
