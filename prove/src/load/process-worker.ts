// One of several workers on one directory: `node process-worker.ts <settings>`. Works until SIGTERM, then tells its share.
import { local } from "@agenthandoff/local";
import { crashRelay } from "../crash/scenario.js";

const { directory } = JSON.parse(process.argv[2] ?? "{}") as { readonly directory: string };
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
let hops = 0;
const relay = crashRelay(
  local({ directory }),
  async () => {},
  (event) => {
    if (event.kind === "worker-error") console.error(event.error);
    if (event.kind === "committed") hops++;
  },
);
process.stdout.write("{}\n");
await relay.worker({ signal: stop.signal });
await relay.close();
process.stdout.write(`${JSON.stringify({ hops })}\n`);
