import { Command, InvalidArgumentError, Option } from "commander";
import { BACKENDS, type BackendName } from "./crash/places.js";
import { proveCrash } from "./crash/prove-crash.js";
import { proveDrain } from "./drain/prove-drain.js";
import { proveFuzz } from "./fuzz/prove-fuzz.js";
import { replay } from "./fuzz/replay.js";
import { proveLoad, whatIsTooMuch } from "./load/prove-load.js";
import { soak } from "./load/soak.js";
import { LARGE_SEARCHES, proveModel } from "./model/prove-model.js";
import { PART_NAMES, type PartName } from "./mutation/parts.js";
import { LEAST_SCORE, proveMutation } from "./mutation/prove-mutation.js";
import { provePowerCut, provePowerCutMutants } from "./power-cut/prove-power-cut.js";
import { proveServers } from "./servers/prove-servers.js";
import { proveSimulation, type SimulateOptions } from "./simulate/prove-simulation.js";

const program = new Command("prove").description("Long proofs of the promises. CI runs a fixed share of each.");

program
  .command("crash")
  .description("kill workers, and functions on aws, again and again while tasks flow, then check every task")
  .addOption(new Option("--backend <name>", "what they work on").choices(BACKENDS).default("local"))
  .option("--kills <number>", "how many SIGKILLs", parseCount, 100)
  .option("--tasks <number>", "how many tasks; default: two for each kill", parseCount)
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { backend: BackendName; kills: number; tasks?: number; json?: true }) => {
    const tasks = options.tasks ?? options.kills * 2;
    const report = await proveCrash({
      backend: options.backend,
      kills: options.kills,
      tasks,
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    const { problems, ...figures } = report;
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else console.table(figures);
    if (report.lost > 0 || report.doubled > 0) process.exitCode = 1;
  });

program
  .command("drain")
  .description("tell one worker after the other to stop (SIGTERM) while agents run, then check what that cost")
  .addOption(new Option("--backend <name>", "what they work on").choices(BACKENDS).default("local"))
  .option("--stops <number>", "how many workers are told", parseCount, 50)
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { backend: BackendName; stops: number; json?: true }) => {
    const { problems, ...figures } = await proveDrain({
      ...options,
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else console.table(figures);
    if (problems.length + figures.overdue + figures.counted + figures.repeated > 0) process.exitCode = 1;
  });

program
  .command("simulate")
  .description("run the real runtime in a simulated world, and check the invariants after every effect")
  .option("--seeds <number>", "how many random worlds", parseCount, 1_000)
  .option("--from <seed>", "the first seed", parseCount, 1)
  .option("--pairs", "also try every single fault, and every pair of faults, within 60 operations of a small world")
  .option("--operations <number>", "of how many operations to try the pairs", parseCount, 60)
  .option("--mutants", "also check that every known way to break the runtime is found")
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: SimulateOptions & { json?: true }) => {
    const report = await proveSimulation({ ...options, onProgress: (line) => process.stderr.write(`${line}\n`) });
    const { killed, total } = report.mutants;
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else console.table({ ...report, mutants: `${killed} of ${total}` });
    if (report.violations > 0 || report.mutants.killed < report.mutants.total) process.exitCode = 1;
  });

program
  .command("fuzz")
  .description("give whatever parses bytes inputs that nobody would write, guided by what they reach")
  .option("--minutes <number>", "how long, for all targets together", parseCount, 10)
  .option("--targets <names...>", "only these")
  .option("--seed <number>", "where chance begins", parseCount, 1)
  .option("--directory <path>", "where inputs are kept for the next run; default: prove/out/fuzz")
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { minutes: number; targets?: string[]; seed: number; directory?: string; json?: true }) => {
    const { json, ...request } = options;
    const report = await proveFuzz({ ...request, onProgress: (line) => process.stderr.write(`${line}\n`) });
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else console.table(report.targets);
    if (report.findings > 0) process.exitCode = 1;
  });

program
  .command("fuzz-replay <target> <file>")
  .description("give a target of the fuzzer one saved input again")
  .action(async (target: string, file: string) => {
    const problem = await replay(target, file);
    process.stdout.write(`${problem ?? "nothing is wrong with it"}\n`);
    if (problem !== undefined) process.exitCode = 1;
  });

program
  .command("power-cut")
  .description("record what worker processes do to the disk, then cut the power at every moment and open what is left")
  .option("--tasks <number>", "how many tasks", parseCount, 12)
  .option(
    "--torn-every <number>",
    "at every manyth write the cut also tears it, and loses unsynced ones",
    parseCount,
    1,
  )
  .option("--mutants", "also check that every known way to report before a sync is found")
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { tasks: number; tornEvery: number; mutants?: true; json?: true }) => {
    const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
    const { problems, ...figures } = await provePowerCut({ ...options, onProgress });
    const mutants = options.mutants ? await provePowerCutMutants(onProgress) : { killed: 0, total: 0 };
    for (const problem of problems) onProgress(problem);
    if (options.json) process.stdout.write(`${JSON.stringify({ ...figures, mutants })}\n`);
    else console.table({ ...figures, mutants: `${mutants.killed} of ${mutants.total}` });
    if (figures.takenBack > 0 || figures.broken > 0 || mutants.killed < mutants.total) process.exitCode = 1;
  });

program
  .command("load")
  .description(
    "one worker on many waiting tasks beside few, several processes on one directory, a long chain beside short ones",
  )
  .option("--tasks <number>", "how many tasks wait at once, compared with 100", parseCount, 10_000)
  .option("--processes <number>", "how many worker processes on one directory", parseCount, 8)
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { tasks: number; processes: number; json?: true }) => {
    const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
    const report = await proveLoad({ ...options, sharedTasks: 1_000, longHops: 10_000, shortTasks: 1_000, onProgress });
    const broken = whatIsTooMuch(report);
    for (const line of broken) onProgress(line);
    process.stdout.write(`${JSON.stringify(report, null, options.json ? 0 : 2)}\n`);
    if (broken.length > 0) process.exitCode = 1;
  });

program
  .command("soak")
  .description("let tasks come and go for long, and watch the memory")
  .option("--minutes <number>", "for how long", parseCount, 10)
  .option("--json", "print the report as JSON on the last line")
  .action(async ({ minutes, json }: { minutes: number; json?: true }) => {
    const report = await soak(minutes * 60);
    process.stdout.write(`${JSON.stringify(report, null, json ? 0 : 2)}\n`);
    const [, second = 0, third = 0] = report.liveMb;
    if (report.lost > 0 || third > 1.1 * second) process.exitCode = 1;
  });

program
  .command("model")
  .description("try every run of a model of the protocol within a bound, and check that each of its mutants fails")
  .option("--large", "a larger bound: minutes, and gigabytes")
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { large?: true; json?: true }) => {
    const report = await proveModel({
      ...(options.large === true && { searches: LARGE_SEARCHES }),
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    const { searches, states, violations, unreached, mutants } = report;
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else {
      console.table(searches.map(({ bound, ...search }) => ({ ...search, ...bound })));
      console.table({ states, violations, unreached: unreached.length, ...mutants });
    }
    if (violations > 0 || unreached.length > 0 || mutants.killed < mutants.total) process.exitCode = 1;
  });

program
  .command("mutation")
  .description("change codec, protocol and the runtime's decisions in every small way, and count what the tests notice")
  .addOption(new Option("--only <parts...>", "only these").choices(PART_NAMES))
  .option("--concurrency <number>", "how many mutants at once", parseCount, 2)
  .option("--survivors", "only the mutants that no test noticed in the last run; the code must be as it was then")
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { only?: PartName[]; concurrency: number; survivors?: true; json?: true }) => {
    const { json, ...request } = options;
    const proof = await proveMutation({ ...request, onProgress: (line) => process.stderr.write(`${line}\n`) });
    if (json) process.stdout.write(`${JSON.stringify(proof)}\n`);
    else console.table(proof);
    if (Object.values(proof).some(({ score }) => score < LEAST_SCORE)) process.exitCode = 1;
  });

program
  .command("servers")
  .description("run the AWS drivers' conformance suites against servers that stand for AWS")
  .addOption(
    new Option("--servers <which>", "the everyday ones, or the second opinions")
      .choices(["everyday", "second"])
      .default("second"),
  )
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { servers: "everyday" | "second"; json?: true }) => {
    const report = await proveServers({
      servers: options.servers,
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    for (const { driver, broken, skipped } of report.drivers) {
      for (const title of broken) process.stderr.write(`${driver} breaks: ${title}\n`);
      for (const title of skipped) process.stderr.write(`${driver} was not asked: ${title}\n`);
    }
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else
      console.table(
        report.drivers.map(({ driver, kept, broken, skipped }) => ({
          driver,
          kept,
          broken: broken.length,
          skipped: skipped.length,
        })),
      );
    if (report.drivers.some(({ kept, broken }) => broken.length > 0 || kept === 0)) process.exitCode = 1;
  });

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("it must be a positive whole number");
  return count;
}

await program.parseAsync();
