import assert from "node:assert/strict";
import { createRelay, defineAgent } from "@agenthandoff/core";
import { fakeClock, memory, seededRandom } from "@agenthandoff/core/memory";

// The relay under test: its first run meets a flaky service.
let runs = 0;
const flaky = defineAgent({
  name: "flaky",
  run({ attempt }) {
    runs++;
    if (attempt.number < 3) throw new Error("the service did not answer");
    return "done";
  },
});

// Time stands still until the test moves it, so an hour of back-off takes no time at all.
const clock = fakeClock();
const random = seededRandom(1);
const relay = createRelay({
  id: "test",
  agents: [flaky],
  backend: memory({ clock }),
  clock,
  random,
  backoffMs: 60_000,
});

const stop = new AbortController();
const worker = relay.worker({ signal: stop.signal });
const task = await relay.start({ to: "flaky", taskId: "t" });
const ended = task.result();
await clock.advance(60 * 60_000);

const result = await ended;
assert.equal(result.status, "completed");
assert.equal(runs, 3);
const failures = (await task.audit()).filter((event) => event.kind === "attempt_failed");
assert.equal(failures.length, 2);
assert.deepEqual((await task.verify()).problems, []);
console.log(`completed after ${failures.length} failures, in ${runs} runs`);

stop.abort();
await clock.advance(60_000);
await worker;
