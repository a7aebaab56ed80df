import { tellParent } from "../process/run-child.js";
import { measureRun, type RunRequest, type System } from "./measured-run.js";

/** The main function of a process that measures one run of a system. */
export async function answerParent(system: System): Promise<void> {
  // The bench's own words: `runChild` wrote them.
  const request = JSON.parse(process.argv[2] ?? "") as RunRequest;
  tellParent(await measureRun(system, request));
}
