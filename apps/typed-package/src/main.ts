import { HandoffError } from "@agenthandoff/core";
import { shown } from "./cli/conclude.js";
import { parseOptions } from "./cli/options.js";
import { createPrinter } from "./cli/printer.js";
import { runCli } from "./cli/run.js";

// npm changes into the package's folder; INIT_CWD is where the user stands.
const options = parseOptions(process.argv, process.env.INIT_CWD ?? process.cwd());
const stream = options.json ? process.stderr : process.stdout;
const live = stream.isTTY === true && process.env.TERM !== "dumb" && process.env.CI === undefined;
const printer = createPrinter({ stream, live, colors: live && process.env.NO_COLOR === undefined });

const interrupt = new AbortController();
process.once("SIGINT", () => {
  interrupt.abort(new Error("stopped by Ctrl-C; start again with the same file to go on where it stopped"));
  // Whoever presses again does not want to wait.
  process.once("SIGINT", () => process.exit(130));
});

try {
  const outcome = await runCli(options, printer, interrupt.signal);
  printer.close();
  if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else {
    process.stdout.write(`audit: ${shown(outcome.audit)}\n`);
    if (outcome.package !== undefined) process.stdout.write(`package: ${shown(outcome.package)}\n`);
  }
  process.exitCode = outcome.status === "completed" ? 0 : 1;
} catch (error) {
  printer.close();
  // An error of ours says what to do; anything else is a fault whose place matters.
  const known = HandoffError.isInstance(error) || interrupt.signal.aborted;
  const text =
    error instanceof Error
      ? known
        ? `${error.name}: ${error.message}`
        : (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
