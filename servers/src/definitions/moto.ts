import { environmentKey, makeEnvironment, pythonIn } from "../python-environment.js";
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
  key: () => environmentKey("moto", [REQUIREMENTS]),
  fetch: (folder, log) => makeEnvironment(folder, REQUIREMENTS, log),
  command: (folder, port) => ({
    command: pythonIn(folder),
    arguments: [SERVER, String(port), service, threads],
    probe: PROBES[service],
  }),
});
