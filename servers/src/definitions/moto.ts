import { join } from "node:path";
import { fingerprint } from "../fingerprint.js";
import { runCommand } from "../run-command.js";
import type { Service } from "../services.js";
import { PYTHON } from "../tools.js";
import { PROBES, packageFile, type ServerDefinition } from "./definition.js";

const REQUIREMENTS = packageFile("python/requirements.txt");
const SERVER = packageFile("python/moto_server.py");

/** moto, one process a service: one of them must not wait for another's requests. */
export const moto = (service: Service, title: string, threads: "single" | "threaded"): ServerDefinition => ({
  service,
  title,
  runsOn: [PYTHON],
  fetchedBy: [],
  slowToFetch: false,
  lock: "pip",
  // A virtual environment belongs to the Python that made it.
  key: async () => `moto-${await fingerprint([REQUIREMENTS], await PYTHON.version())}`,
  fetch: async (folder, log) => {
    await runCommand("python3", ["-m", "venv", folder], { log });
    await runCommand(join(folder, "bin/python"), ["-m", "pip", "install", "--no-input", "-r", REQUIREMENTS], { log });
  },
  command: (folder, port) => ({
    command: join(folder, "bin/python"),
    arguments: [SERVER, String(port), service, threads],
    probe: PROBES[service],
  }),
});
