import { join } from "node:path";
import { type Context, declareAgent, type Entry } from "@agenthandoff/core";
import { describeWithPython, describeWithServers } from "@agenthandoff/test-servers/vitest";
import { RuleModel, typedPackageRelay } from "@agenthandoff/typed-package";
import { beforeAll, expect, it } from "vitest";
import { requestFor } from "./commands/start.js";
import { placeOn, RELAY_ID, type TestServers } from "./testing/place.js";
import { eventsOf, PYTHON_AGENT, pythonAgent } from "./testing/python-agent.js";

const FILE = join(import.meta.dirname, "../data/orders.csv");

/** An entry, as the agent in Python tells of it. */
function told({ id, agent, kind, name, value }: Entry): object {
  if (kind !== "artifact") return { id, agent, kind, name: name ?? null, value };
  const { name: file, mediaType, size, sha256 } = value as ReturnType<Context["artifacts"]>[number];
  return { id, agent, kind, name: file, value: { name: file, mediaType, size, sha256 } };
}

/** One task through Research → Code → QA → Release → Deploy, of which Python runs Release and TypeScript the others. */
async function runThrough(servers: TestServers, python: string) {
  await using place = await placeOn(servers);
  const receivedBy = new Map<string, Context>();
  const relay = typedPackageRelay({
    id: RELAY_ID,
    backend: place.backend,
    model: new RuleModel(),
    gate: declareAgent({ name: "release", handsTo: ["code", "deploy"] }),
    onRun: (agent, context) => {
      receivedBy.set(agent, context);
      return [];
    },
  });
  await using agent = await pythonAgent({ python, place, agent: "agents:telling" });
  const stop = new AbortController();
  const working = relay.worker({ agents: ["research", "code", "qa", "deploy"], signal: stop.signal });
  const ended = agent.finished.then(({ output }): never => {
    throw new Error(`the agent in Python ended: ${output}`);
  });
  ended.catch(() => {});
  try {
    const task = await relay.start(await requestFor({ file: FILE, sampleRows: 200 }));
    const result = await Promise.race([task.result(), ended]);
    const events = await eventsOf(place, task.id);
    const row = await place.backend.audit.task(RELAY_ID, task.id);
    const [context, verification] = [await task.context(), await task.verify()];
    return { result, context, verification, events, row, receivedBy, stopped: await agent.stop() };
  } finally {
    stop.abort();
    await working;
  }
}

await describeWithPython(PYTHON_AGENT, "an agent in Python in the middle of the typed-package relay", (python) => {
  describeWithServers(["s3", "sqs", "dynamodb"], "on the servers that stand for AWS", (servers) => {
    let run: Awaited<ReturnType<typeof runThrough>>;
    beforeAll(async () => {
      run = await runThrough(servers as TestServers, python);
    });

    it("hands on, and the task comes to its end", () => {
      expect(run.result).toMatchObject({ status: "completed", agent: "deploy" });
      expect(run.context.handoffs.map(({ fromAgent, decision }) => [fromAgent, decision.kind])).toEqual([
        ...[null, "research", "code", "qa", "release"].map((agent) => [agent, "handoff"]),
        ["deploy", "complete"],
      ]);
      expect(run.stopped.exitCode).toBe(0);
    });

    it("leaves a chain that verifies, blobs and audit included", () => {
      expect(run.verification).toMatchObject({ ok: true, hops: 6, problems: [] });
    });

    it("received all that the agents before it learned, value for value", () => {
      const earlier = run.context.entries.filter(({ hop }) => hop < 4);
      expect(earlier.length).toBeGreaterThan(20);
      expect(run.context.latest("release", "seen")).toEqual(earlier.map(told));
      expect(run.context.handoffs[4]?.classes).toEqual(expect.arrayContaining(["langchain.AIMessage"]));
    });

    it("is heard by the agents after it: values, files and reason", async () => {
      const received = run.receivedBy.get("deploy");
      expect(received?.reason).toBe("Python counts the same rows and columns");
      expect(received?.latest("release", "inspection")).toEqual({
        version: 1,
        rows: 40,
        empty: new Map([
          ["order", 0],
          ["customer", 0],
          ["price", expect.any(Number)],
          ["quantity", 0],
          ["status", 0],
          ["ordered", 0],
        ]),
        checkedAt: expect.any(Date),
      });
      expect(received?.artifact("inspection.txt")?.mediaType).toBe("text/plain; charset=utf-8");
    });

    it("tells the audit the same things as the others, one run a hop", () => {
      const kinds = run.events.map(({ hop, kind, agent }) => `${hop} ${kind} ${agent ?? "-"}`);
      expect(kinds).toEqual([
        "0 attempt_started research",
        "0 committed -",
        "1 attempt_started code",
        "1 committed research",
        "2 attempt_started qa",
        "2 committed code",
        "3 attempt_started release",
        "3 committed qa",
        "4 attempt_started deploy",
        "4 committed release",
        "5 committed deploy",
      ]);
      expect(run.row).toMatchObject({ status: "completed", headHop: 5, agent: "deploy", damaged: false });
    });
  });
});
