import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { AGENT_NAMES, type AgentName } from "../agents/typed-package-relay.js";
import { packageFolder } from "./package-folder.js";

export interface CliOptions {
  /** Absolute. */
  readonly file: string;
  readonly isDefaultFile: boolean;
  readonly taskId: string | undefined;
  /** `provider:name`, or undefined for the offline model. */
  readonly model: string | undefined;
  /** The agent in whose middle the worker is to be killed. */
  readonly crash: AgentName | undefined;
  readonly sampleRows: number;
  /** Where the results go, a folder for each task. Absolute. */
  readonly out: string;
  /** Where the relay keeps its tasks. Absolute. */
  readonly store: string;
  readonly retry: boolean;
  readonly json: boolean;
}

const REPOSITORY = resolve(import.meta.dirname, "../../../..");

/** A real, messy file: titles that are numbers, missing values, categories that appear late. */
function defaultFile(): string {
  return join(packageFolder("vega-datasets"), "data", "movies.json");
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 to 9999999.");
  return Number(text);
}

interface Parsed {
  readonly taskId?: string;
  readonly model?: string;
  readonly crash?: AgentName;
  readonly sample: number;
  readonly out?: string;
  readonly store?: string;
  readonly retry: boolean;
  readonly json: boolean;
}

/**
 * Reads the command line. Exits the process with an explanation where it cannot be understood, as commander does.
 *
 * @param argv as in `process.argv`
 * @param standing where the user stands: what paths are relative to
 */
export function parseOptions(argv: readonly string[], standing: string): CliOptions {
  const command = new Command("npm start --")
    .description(
      "Turns a CSV, TSV, JSON or NDJSON file into a typed, tested npm package, by four agents that hand over all they learned.",
    )
    .argument("[file]", "the file; default: movies.json of vega-datasets")
    .option("--task-id <id>", "name the task; default: a name made from the file's content")
    .option(
      "--model <provider:name>",
      "let a language model drive the agents, such as openai:gpt-5; default: the offline, rule-based model",
    )
    .addOption(
      new Option("--crash <agent>", "kill the worker in the middle of this agent, and go on in another").choices(
        AGENT_NAMES,
      ),
    )
    .option("--sample <rows>", "how many rows Research may look at", positiveInteger, 200)
    .option("--out <directory>", "where results go; default: out/ in this repository")
    .option("--store <directory>", "where the relay keeps its tasks; default: .agenthandoff/ in this repository")
    .option("--retry", "try a task again that failed before", false)
    .option(
      "--json",
      "print the result as JSON on the last line of standard output, and all else on standard error",
      false,
    )
    .allowExcessArguments(false);
  command.parse([...argv]);
  const given = command.opts<Parsed>();
  const [file] = command.args;
  return {
    file: file === undefined ? defaultFile() : resolve(standing, file),
    isDefaultFile: file === undefined,
    taskId: given.taskId,
    model: given.model,
    crash: given.crash,
    sampleRows: given.sample,
    out: given.out === undefined ? join(REPOSITORY, "out") : resolve(standing, given.out),
    store: given.store === undefined ? join(REPOSITORY, ".agenthandoff") : resolve(standing, given.store),
    retry: given.retry,
    json: given.json,
  };
}
