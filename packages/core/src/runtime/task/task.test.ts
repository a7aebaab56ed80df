import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { finishes } from "../testing/scripted-agent.js";
import type { Task } from "./task.js";

describe("what is told of a task", () => {
  const directory = mkdtemp(join(tmpdir(), "agenthandoff-task-"));
  const calls: readonly [name: string, call: (task: Task) => Promise<unknown>][] = [
    ["its head", (task) => task.head()],
    ["its result", (task) => task.result()],
    ["its context", (task) => task.context()],
    ["its audit", (task) => task.audit()],
    ["its verification", (task) => task.verify()],
    ["its export", async (task) => task.export(await directory)],
    ["that it was erased", async (task) => task.erase().then(() => task.result())],
  ];

  it.each(calls)("survives a power cut: %s is flushed between the last read and the answer", async (_name, call) => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    const reader = bed.another();
    await call(reader.relay.task("t"));
    expect(reader.trace.at(-1)).toBe("flush");
    await rm(await directory, { recursive: true, force: true });
  });
});
