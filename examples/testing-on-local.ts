import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRelay, defineAgent } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "relay-test-"));
});
after(async () => {
  await rm(directory, { recursive: true });
});

/** As another process would open it. A short visibility, so that nothing waits long for a dead worker. */
function openRelay() {
  const count = defineAgent({
    name: "count",
    handsTo: ["report"],
    run: ({ context, handoff }) => handoff("report", { output: new Set(context.input as string[]) }),
  });
  const report = defineAgent({
    name: "report",
    run: ({ context }) => `${(context.latest("count") as Set<string>).size} different`,
  });
  return createRelay({ id: "count", agents: [count, report], backend: local({ directory, visibilityMs: 1_000 }) });
}

test("what one process started, another finishes from the disk", async () => {
  const caller = openRelay();
  await caller.start({ to: "count", taskId: "t", input: ["a", "b", "a"] });
  await caller.close();

  const relay = openRelay();
  const stop = new AbortController();
  const worker = relay.worker({ signal: stop.signal });
  const task = relay.task("t");
  const result = await task.result();
  assert(result.status === "completed");
  assert.equal(result.output, "2 different");
  assert.deepEqual((await task.verify()).problems, []);
  stop.abort();
  await worker;
  await relay.close();
});
