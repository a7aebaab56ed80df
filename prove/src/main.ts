import { Command, InvalidArgumentError } from "commander";
import { proveCrash } from "./crash/prove-crash.js";

const program = new Command("prove").description("Long proofs of the promises. CI runs a fixed share of each.");

program
  .command("crash")
  .description("kill worker processes again and again while tasks flow, then check every task")
  .option("--backend <name>", "local", parseBackend, "local")
  .option("--kills <number>", "how many SIGKILLs", parseCount, 100)
  .option("--tasks <number>", "how many tasks; default: two for each kill", parseCount)
  .option("--json", "print the report as JSON on the last line")
  .action(async (options: { kills: number; tasks?: number; json?: true }) => {
    const tasks = options.tasks ?? options.kills * 2;
    const report = await proveCrash({
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

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("it must be a positive whole number");
  return count;
}

function parseBackend(text: string): string {
  if (text !== "local") throw new InvalidArgumentError("only the local backend can be proved so far");
  return text;
}

await program.parseAsync();
