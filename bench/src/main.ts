import { Command, InvalidArgumentError, Option } from "commander";
import { printAwsCost } from "./aws-cost/command.js";
import { printChain } from "./chain/command.js";
import { printGrowth } from "./growth/command.js";
import { printLocal } from "./local/command.js";

const program = new Command("bench")
  .description("Measures what handing over costs. With --json the last line of standard output is one JSON object.")
  .showHelpAfterError();

program
  .command("growth")
  .description("bytes written and requests made, as a chain grows")
  .option("--hops <numbers...>", "lengths of the chains", (text, previous: number[] = []) => [
    ...previous,
    atLeast(2)(text),
  ])
  .option("--bytes <number>", "of each handoff, before compression", atLeast(2_000), 20_000)
  .option("--json", "print JSON")
  .action(({ hops = [10, 100, 1_000], bytes, json = false }) => printGrowth({ hops, bytesPerHop: bytes, json }));

program
  .command("local")
  .description("handoffs per second on the local disk, beside LangGraph's SqliteSaver")
  .option("--hops <number>", "of the chain", atLeast(2), 200)
  .option("--bytes <number>", "of each handoff, before compression", atLeast(2_000), 20_000)
  .option("--runs <number>", "of each system, in turn", atLeast(1), 5)
  .addOption(
    new Option("--read <what>", "of its context each agent reads").choices(["newest", "all"]).default("newest"),
  )
  .option("--directory <path>", "on the disk to measure (default: bench/out)")
  .option("--json", "print JSON")
  .action(({ hops, bytes, runs, read, directory, json = false }) =>
    printLocal({ hops, bytesPerHop: bytes, runs, reading: read, ...(directory !== undefined && { directory }), json }),
  );

program
  .command("chain")
  .description("one long chain on the local backend: memory of its worker, and whether it verifies")
  .option("--hops <number>", "of the chain", atLeast(2), 10_000)
  .option("--bytes <number>", "of each handoff, before compression", atLeast(2_000), 2_000)
  .option("--directory <path>", "on the disk to write to (default: bench/out)")
  .option("--json", "print JSON")
  .action(({ hops, bytes, directory, json = false }) =>
    printChain({ hops, bytesPerHop: bytes, ...(directory !== undefined && { directory }), json }),
  );

program
  .command("aws-cost")
  .description("US dollars for a million handoffs on S3, SQS and DynamoDB, beside whole-history JSON")
  .option("--hops <numbers...>", "lengths of the chains", (text, previous: number[] = []) => [
    ...previous,
    atLeast(2)(text),
  ])
  .option("--bytes <number>", "of each handoff, before compression", atLeast(2_000), 20_000)
  .option("--json", "print JSON")
  .action(({ hops = [10, 100, 1_000], bytes, json = false }) => printAwsCost({ hops, bytesPerHop: bytes, json }));

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`give a whole number, ${least} or more.`);
    return value;
  };
}

await program.parseAsync();
