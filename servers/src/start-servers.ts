import { cached, cacheFolder } from "./cache.js";
import { DEFINITIONS } from "./definitions/index.js";
import { logFile } from "./logs.js";
import { startProcess } from "./server-process.js";
import { type Choice, choiceFrom, type ServerName, type Service, serverFor } from "./services.js";
import { missingTools, type Tool } from "./tools.js";

export interface RunningServer {
  readonly name: ServerName;
  readonly service: Service;
  /** `http://127.0.0.1:<port>`: what the SDK calls `endpoint`. */
  readonly endpoint: string;
  /** Ending this process ends the server. */
  readonly processId: number;
  /** The file with the server's own output. */
  readonly log: string;
  stop(): Promise<void>;
}

export interface MissingServer {
  readonly name: ServerName;
  readonly service: Service;
  /** One line: what is missing and how to get it. */
  readonly missing: string;
}

export interface StartOptions {
  /** Which servers stand behind the services; `AWS_TEST_SERVERS` otherwise. */
  readonly choice?: Choice;
  /** Downloads and logs; `AGENTHANDOFF_SERVERS_CACHE` or a folder of the user's otherwise. */
  readonly cache?: string;
  /** Told what takes long. */
  readonly say?: (line: string) => void;
}

const lacks = (title: string, tools: readonly Tool[]): string => {
  const packages = new Set(tools.map((tool) => tool.packages));
  return `${title} needs ${tools.map((tool) => tool.title).join(", ")}: apt-get install ${[...packages].join(" ")}`;
};

/** Fetches a server where the cache lacks it. @returns its folder, or why it cannot be had. */
export const fetchServer = async (
  name: ServerName,
  { cache = cacheFolder(), say }: StartOptions = {},
): Promise<{ readonly folder: string } | { readonly missing: string }> => {
  const definition = DEFINITIONS[name];
  const cannotRun = await missingTools(definition.runsOn);
  if (cannotRun.length > 0) {
    // With what fetches it, so that nobody installs one thing only to be told of the next.
    const cannotFetch = await missingTools(definition.fetchedBy);
    return { missing: lacks(definition.title, [...cannotRun, ...cannotFetch]) };
  }
  try {
    const key = await definition.key();
    return {
      folder: await cached(cache, key, definition.lock, async (folder) => {
        const cannotFetch = await missingTools(definition.fetchedBy);
        if (cannotFetch.length > 0) throw new Error(lacks(definition.title, cannotFetch));
        say?.(`Fetching ${definition.title} into ${cache} …`);
        const log = await logFile(cache, `fetch-${name}`);
        await definition.fetch(folder, log);
      }),
    };
  } catch (error) {
    return { missing: `${definition.title} could not be fetched: ${(error as Error).message}` };
  }
};

/** Fetches and starts one server, or says why it cannot. @throws when it is there and does not start. */
export const startServer = async (
  wanted: Service | ServerName,
  options: StartOptions = {},
): Promise<RunningServer | MissingServer> => {
  const name = serverFor(wanted, options.choice ?? choiceFrom());
  const { cache = cacheFolder() } = options;
  const { service, command, title } = DEFINITIONS[name];
  const fetched = await fetchServer(name, options);
  if ("missing" in fetched) return { name, service, missing: fetched.missing };
  const log = await logFile(cache, name);
  try {
    const started = await startProcess(log, (port, scratch) => command(fetched.folder, port, scratch));
    const endpoint = `http://127.0.0.1:${started.port}`;
    return { name, service, endpoint, processId: started.processId, log, stop: started.stop };
  } catch (error) {
    throw new Error(`${title} does not start.`, { cause: error });
  }
};

/** Servers that run, one for each that was asked for, by the name it was asked for. */
export interface Servers<Name extends Service | ServerName> {
  readonly servers: Readonly<Record<Name, RunningServer>>;
  stop(): Promise<void>;
}

/**
 * Fetches and starts servers, by service ("s3") or by their own name ("seaweedfs").
 * @throws when one of them is missing or does not start; none is left running then.
 */
export const startServers = async <const Name extends Service | ServerName>(
  names: readonly Name[],
  options: StartOptions = {},
): Promise<Servers<Name>> => {
  const outcomes = await Promise.allSettled(names.map((name) => startServer(name, options)));
  const started = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : undefined));
  const running = started.filter((server): server is RunningServer => server !== undefined && "endpoint" in server);
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
  };
  const problems = outcomes.flatMap((outcome) => {
    if (outcome.status === "rejected") return [outcome.reason as Error];
    return "missing" in outcome.value ? [new Error(outcome.value.missing)] : [];
  });
  if (problems.length > 0) {
    await stop();
    throw new AggregateError(problems, problems.map((problem) => problem.message).join("\n"));
  }
  const servers = Object.fromEntries(names.map((name, index) => [name, started[index]]));
  return { servers: servers as Record<Name, RunningServer>, stop };
};
