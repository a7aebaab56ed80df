import { describe, expect, it } from "vitest";
import type { ClassCodec } from "../../codec/index.js";
import { type Agent, declareAgent } from "../agent/agent.js";
import type { RunSetting } from "../agent/run-setting.js";
import type { Turn } from "../agent/turn.js";
import { createBed } from "../testing/bed.js";
import { passesTo, scriptedAgent } from "../testing/scripted-agent.js";
import type { RunRequest } from "./prepare-run.js";

/** An agent that remembers what stood behind its runs. */
function settingAgent(name: string, script: (turn: Turn, setting: RunSetting) => unknown = () => "done") {
  const settings: RunSetting[] = [];
  const agent: Agent = {
    ...declareAgent({ name }),
    run(turn, setting) {
      if (setting === undefined) throw new Error("nothing stands behind this run");
      settings.push(setting);
      return script(turn, setting);
    },
  };
  return { agent, settings };
}

/** A task that research has handed to qa, and a request to run qa elsewhere. */
async function place(script?: Parameters<typeof settingAgent>[1]) {
  const { agent, settings } = settingAgent("qa", script);
  const bed = createBed({ agents: [passesTo("research", "qa"), agent, declareAgent({ name: "declared" })] });
  await bed.relay.start({ to: "research", taskId: "t", input: "a question" });
  await bed.deliver("research");
  const head = await bed.relay.task("t").head();
  const request: RunRequest = {
    agent: "qa",
    taskId: "t",
    hop: head.hop,
    handoffSha256: head.head,
    contextKey: bed.slotKey("t", head.hop),
    attempt: { id: "elsewhere.1", number: 2 },
    deadline: bed.clock.now() + 60_000,
    signal: new AbortController().signal,
  };
  return { bed, settings, request };
}

describe("what stands behind a run", () => {
  it("names the handoff that its context ends with, and when it will be told to stop", async () => {
    const { bed, settings, request } = await place();
    await bed.deliver("qa");
    expect(settings).toHaveLength(1);
    expect(settings[0]).toMatchObject({ contextKey: request.contextKey, handoffSha256: request.handoffSha256 });
    expect(settings[0]?.deadline).toBeGreaterThan(bed.clock.now() + 14 * 60_000);
    expect(settings[0]?.deadline).toBeLessThanOrEqual(bed.clock.now() + 15 * 60_000);
  });

  it("keeps what a run leaves for those that follow in its step, the first to leave it, under the task's runs, until the task is swept", async () => {
    const left: unknown[] = [];
    const { bed } = await place(async ({ attempt }, { scratch }) => {
      left.push(await scratch.get("note"));
      await scratch.put("note", Buffer.from(`left by run ${attempt.number}`));
      if (attempt.number < 3) throw new Error("again");
      return "done";
    });
    for (let run = 1; run <= 3; run++) await bed.deliver("qa");
    expect(left.map((bytes) => bytes && Buffer.from(bytes as Uint8Array).toString())).toEqual([
      undefined,
      "left by run 1",
      "left by run 1",
    ]);
    const key = `${bed.environment.keys.runs("t", 1)}note`;
    expect(await bed.backend.store.get(key)).toBeDefined();
    await bed.settled(bed.relay.reconcile({ full: true, olderThanMs: 0 }));
    expect(await bed.backend.store.get(key)).toBeUndefined();
  });

  it.each(["", "../t/1/note", "a/b", ".hidden", "x".repeat(129)])(
    "refuses to keep it under the name %j",
    async (name) => {
      const { bed, settings } = await place();
      await bed.deliver("qa");
      const scratch = settings[0]?.scratch;
      await expect(scratch?.put(name, new Uint8Array(1))).rejects.toMatchObject({ code: "INVALID_ID" });
      await expect(scratch?.get(name)).rejects.toMatchObject({ code: "INVALID_ID" });
    },
  );
});

describe("a run for somebody else", () => {
  it("has the context of that hop, and yields the result; nothing is recorded, committed or sent", async () => {
    const { bed, request } = await place(({ context, attempt, complete }) =>
      complete({ output: { input: context.input, from: context.from, attempt } }),
    );
    const before = bed.kinds("t");
    const other = bed.another();
    const prepared = await other.relay.prepareRun(request);
    expect(prepared.setting).toMatchObject({ contextKey: request.contextKey, deadline: request.deadline });
    expect(await prepared.run()).toMatchObject({
      decision: { kind: "complete" },
      entries: [{ kind: "output", value: { input: "a question", from: "research", attempt: request.attempt } }],
    });
    expect(bed.kinds("t")).toEqual(before);
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff"]);
    expect(bed.queued("qa")).toBe(1);
  });

  it("can be of a hop that others have gone past", async () => {
    const { bed, request } = await place();
    await bed.deliver("qa");
    const prepared = await bed.another().relay.prepareRun(request);
    expect(await prepared.run()).toMatchObject({ entries: [{ value: "done" }] });
  });

  it("throws what the agent throws", async () => {
    const { bed, request } = await place(() => {
      throw new RangeError("its own");
    });
    await expect((await bed.relay.prepareRun(request)).run()).rejects.toThrow(RangeError);
  });

  it.each<[string, Partial<RunRequest>, string]>([
    ["a key that is not the hop's", { contextKey: "relay/slots/t/0000000000.ndjson.gz" }, "CONTEXT_INTEGRITY"],
    ["another handoff", { handoffSha256: "0".repeat(64) }, "CONTEXT_INTEGRITY"],
    ["an agent that the hop does not hand to", { agent: "research" }, "CONTEXT_INTEGRITY"],
    ["an agent that is only declared", { agent: "declared" }, "INVALID_OPTIONS"],
    ["an agent that is not there", { agent: "nobody" }, "INVALID_OPTIONS"],
    ["a task that is not there", { taskId: "u", contextKey: "relay/slots/u/0000000001.ndjson.gz" }, "TASK_NOT_FOUND"],
    ["an id that is none", { taskId: "../t" }, "INVALID_ID"],
  ])("is refused before it begins where the request names %s", async (_what, changes, code) => {
    const { bed, request, settings } = await place();
    await expect(bed.relay.prepareRun({ ...request, ...changes })).rejects.toMatchObject({ code });
    expect(settings).toEqual([]);
  });

  it("is refused where the context needs a class that is not registered here", async () => {
    class Money {
      readonly cents = 5;
    }
    const money: ClassCodec<Money> = {
      name: "test.Money",
      is: (value) => value instanceof Money,
      encode: ({ cents }) => cents,
      decode: () => new Money(),
    };
    const research = scriptedAgent("research", (turn) => turn.handoff("qa", { output: new Money() }), {
      handsTo: ["qa"],
    });
    const bed = createBed({ agents: [research, settingAgent("qa").agent], classes: [money] });
    await bed.relay.start({ to: "research", taskId: "t" });
    await bed.deliver("research");
    const { hop, head } = await bed.relay.task("t").head();
    const { request } = await place();
    const asked = { ...request, hop, handoffSha256: head };
    await expect(bed.another({ classes: [] }).relay.prepareRun(asked)).rejects.toMatchObject({
      code: "NOT_UNDERSTOOD",
    });
    expect(await (await bed.relay.prepareRun(asked)).run()).toMatchObject({ decision: { kind: "complete" } });
  });
});
