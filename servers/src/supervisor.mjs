// Runs one server and ends it when standard input ends, so that no server outlives the process that started it,
// however that process died. SCRATCH is the folder it runs in, LEFTOVERS are what it leaves elsewhere: both go with it.
// node supervisor.mjs LOG SCRATCH LEFTOVERS COMMAND ARGUMENT…
import { spawn } from "node:child_process";
import { appendFileSync, openSync, rmSync } from "node:fs";

const [log, scratch, leftovers, command, ...commandArguments] = process.argv.slice(2);
const output = openSync(log, "a");
const server = spawn(command, commandArguments, { stdio: ["ignore", output, output], cwd: scratch });

// Servers keep nothing that must outlive them, so there is nothing to wait for.
const stop = () => server.kill("SIGKILL");
process.stdin.resume().on("end", stop).on("error", stop);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

const end = (code) => {
  for (const path of [scratch, ...JSON.parse(leftovers)]) rmSync(path, { recursive: true, force: true });
  process.exit(code);
};
server.on("error", (error) => {
  appendFileSync(log, `${error.message}\n`);
  end(127);
});
server.on("exit", (code) => end(code ?? 1));
