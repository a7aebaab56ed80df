import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { awsSchema } from "./provider/schema.js";
import { type StandIn, serveProvider } from "./provider/serve.js";

export const MODULE: string = join(import.meta.dirname, "../terraform");

/** Where scripts/build-opentofu.sh puts what it builds. */
const BUILT = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "agenthandoff/infra/tofu");

const works = (command: string): boolean => spawnSync(command, ["version"], { stdio: "ignore" }).status === 0;

/** Those that are here of Terraform and OpenTofu. */
export const ENGINES: readonly string[] = [
  ...(process.env.TERRAFORM === undefined ? ["terraform", "tofu"] : [process.env.TERRAFORM]),
  ...(existsSync(BUILT) ? [BUILT] : []),
].filter(works);

export const MISSING =
  "neither Terraform nor OpenTofu is here: install one, or run infra/scripts/build-opentofu.sh (Go is needed)";

/** What a run of the engine said. */
export interface Said {
  readonly status: number;
  readonly text: string;
}

/** A copy of the module in which an engine works, with a stand-in for the AWS provider. */
export interface Workplace extends AsyncDisposable {
  readonly folder: string;
  /** Runs the engine in a folder of the module. */
  run(where: string, ...command: readonly string[]): Promise<Said>;
  /** As `run`, and throws what it said where it fails. */
  must(where: string, ...command: readonly string[]): Promise<string>;
}

export async function workplace(engine: string): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), "agenthandoff-infra-"));
  await cp(MODULE, folder, { recursive: true, filter: (path) => !path.includes(".terraform") });
  const provider: StandIn = await serveProvider(awsSchema());
  const run = (where: string, ...command: readonly string[]): Promise<Said> =>
    new Promise((resolve, reject) => {
      const child = spawn(engine, [...command], {
        cwd: join(folder, where),
        env: {
          ...process.env,
          ...provider.environment,
          CHECKPOINT_DISABLE: "1",
          NO_COLOR: "1",
          TF_CLI_ARGS: "-no-color",
          // Nobody's own settings decide what a test sees.
          TF_CLI_CONFIG_FILE: "/dev/null",
          TF_IN_AUTOMATION: "1",
        },
      });
      const said: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text) => said.push(text));
      child.on("error", reject).on("close", (status) => resolve({ status: status ?? 1, text: said.join("") }));
    });
  return {
    folder,
    run,
    async must(where, ...command) {
      const { status, text } = await run(where, ...command);
      if (status !== 0) throw new Error(`${engine} ${command.join(" ")} in ${where} failed:\n${text}`);
      return text;
    },
    async [Symbol.asyncDispose]() {
      await provider.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
