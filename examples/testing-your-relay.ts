// #region time
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Backend, createRelay, defineAgent } from "@agenthandoff/core";
import { fakeClock, memory } from "@agenthandoff/core/memory";

/** The relay under test: what it runs on, and the service that it calls, come from outside. */
function newsRelay(backend: Backend, fetchNews: () => Promise<string>) {
  const fetch = defineAgent({
    name: "fetch",
    handsTo: ["write"],
    deadlineMs: 60_000,
    run: async ({ handoff }) => handoff("write", { output: await fetchNews(), reason: "the news are in" }),
  });
  const write = defineAgent({ name: "write", run: ({ context }) => `In short: ${context.latest("fetch")}` });
  return createRelay({ id: "news", agents: [fetch, write], backend, backoffMs: 3_600_000 });
}

test("a service that is down for hours costs attempts, not the task", async () => {
  let calls = 0;
  // Time stands still, but for what `until` moves it: hours of back-off pass at once.
  const clock = fakeClock();
  const relay = newsRelay(memory({ clock }), async () => {
    if (++calls < 3) throw new Error("the service is down");
    return "rain";
  });
  const result = await clock.until(relay.run({ to: "fetch" }));
  assert(result.status === "completed");
  assert.equal(result.output, "In short: rain");
  assert.equal(calls, 3);
});

test("a run that hangs is given up at its deadline, and the task fails after three", async () => {
  const clock = fakeClock();
  const relay = newsRelay(memory({ clock }), () => new Promise(() => {}));
  const began = clock.now();
  const result = await clock.until(relay.run({ to: "fetch" }));
  assert(result.status === "failed");
  assert.match(result.reason, /fetch was run 3 times without success/);
  assert(clock.now() - began >= 3 * 60_000);
});
// #endregion

// #region record
test("the record tells what was learned, who did it and why", async () => {
  const clock = fakeClock();
  const relay = newsRelay(memory({ clock }), async () => "rain");
  await clock.until(relay.run({ to: "fetch", taskId: "today", input: "weather" }));
  const task = relay.task("today");

  const context = await task.context();
  assert.equal(context.input, "weather");
  assert.deepEqual(context.outputs(), ["rain", "In short: rain"]);

  const events = await task.audit();
  const commits = events.filter((event) => event.kind === "committed");
  assert.deepEqual(
    commits.map(({ agent, detail }) => [agent ?? "caller", detail.decision, detail.to ?? "-", detail.reason ?? "-"]),
    [
      ["caller", "handoff", "fetch", "-"],
      ["fetch", "handoff", "write", "the news are in"],
      ["write", "complete", "-", "-"],
    ],
  );
  assert.equal(events.filter((event) => event.kind === "attempt_failed").length, 0);
  assert.deepEqual((await task.verify()).problems, []);
});
// #endregion
