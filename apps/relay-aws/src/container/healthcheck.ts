import { HEARTBEAT_FILE, whyNotAlive } from "./heartbeat.js";

const why = whyNotAlive(HEARTBEAT_FILE, Date.now());
if (why !== undefined) {
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
}
