import { describe, expect, it } from "vitest";
import { artifact, message, output, state } from "../agent/entries.js";
import { createBed } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";
import type { Context } from "./context.js";

const bytes = (size: number, fill: number) => new Uint8Array(size).fill(fill);

/** A task in which `research` and `code` learned this, seen by `qa`. */
async function learned() {
  const shared = { deep: ["x"] };
  const research = scriptedAgent(
    "research",
    (turn) =>
      turn.handoff("code", {
        reason: "profiled",
        entries: [
          message({ role: "user", content: "look at it" }),
          output({ rows: 10n, shared, again: shared }, { name: "profile" }),
          state("cursor", 1),
          artifact("sample.csv", "a,b\n1,2\n"),
          { kind: "view", value: "what the model saw" },
        ],
        output: "first",
      }),
    { handsTo: ["code"] },
  );
  const code = scriptedAgent(
    "code",
    (turn) =>
      turn.handoff("qa", {
        entries: [
          message("plain"),
          state("cursor", 2),
          output(new Map([["k", bytes(65_536, 3)]]), { name: "profile" }),
        ],
        artifacts: [{ name: "sample.csv", data: bytes(10, 1), mediaType: "text/csv" }],
        output: undefined,
      }),
    { handsTo: ["qa"] },
  );
  const qa = scriptedAgent("qa", () => "done");
  const bed = createBed({ agents: [research, code, qa] });
  const task = await bed.relay.start({ to: "research", taskId: "t", input: { file: "orders.csv" } });
  for (const agent of ["research", "code", "qa"]) await bed.another().deliver(agent);
  return { bed, task, context: qa.turns[0]?.context as Context };
}

describe("a context", () => {
  it("holds every entry of every hop, in order, each with its mark, agent and kind", async () => {
    const { context } = await learned();
    expect(context.entries.map(({ id, agent, kind, name }) => [id, agent, kind, name])).toEqual([
      ["0.0", null, "input", undefined],
      ["1.0", "research", "message", undefined],
      ["1.1", "research", "output", "profile"],
      ["1.2", "research", "state", "cursor"],
      ["1.3", "research", "artifact", "sample.csv"],
      ["1.4", "research", "view", undefined],
      ["1.5", "research", "output", undefined],
      ["2.0", "code", "message", undefined],
      ["2.1", "code", "state", "cursor"],
      ["2.2", "code", "output", "profile"],
      ["2.3", "code", "artifact", "sample.csv"],
    ]);
    expect(context).toMatchObject({ relayId: "relay", taskId: "t", hop: 2, step: 2, from: "code", reason: undefined });
    expect(context.handoffs.map(({ hop }) => hop)).toEqual([0, 1, 2]);
  });

  it("gives messages, outputs, state and the latest of each, value for value, sharing included", async () => {
    const { context } = await learned();
    expect(context.input).toEqual({ file: "orders.csv" });
    expect(context.messages()).toEqual([{ role: "user", content: "look at it" }, "plain"]);
    expect(context.messages({ agent: "code" })).toEqual(["plain"]);
    expect(context.outputs({ name: "profile" })).toHaveLength(2);
    expect(context.outputs({ agent: "research" })).toHaveLength(2);
    const profile = context.latest("research", "profile") as { shared: object; again: object; rows: bigint };
    expect(profile).toEqual({ rows: 10n, shared: { deep: ["x"] }, again: { deep: ["x"] } });
    expect(profile.shared).toBe(profile.again);
    expect(context.latest("research")).toBe("first");
    expect(context.latest("code")).toEqual(new Map([["k", bytes(65_536, 3)]]));
    expect(context.latest("nobody")).toBeUndefined();
    expect(context.state("cursor")).toBe(2);
    expect(context.state("cursor", { agent: "research" })).toBe(1);
    expect(context.state("other")).toBeUndefined();
    expect(context.answer).toBeUndefined();
    expect(context.metadata).toBeUndefined();
  });

  it("gives artifacts by name, the last one first asked, and reads their bytes only when they are asked for", async () => {
    const { context, bed } = await learned();
    expect(context.artifacts().map(({ mediaType, size, hop }) => [mediaType, size, hop])).toEqual([
      ["text/plain; charset=utf-8", 8, 1],
      ["text/csv", 10, 2],
    ]);
    expect(await context.artifact("sample.csv")?.bytes()).toEqual(bytes(10, 1));
    expect(await context.artifacts({ agent: "research" })[0]?.text()).toBe("a,b\n1,2\n");
    expect(context.artifact("nothing")).toBeUndefined();
    const cold = bed.another();
    const all = await cold.relay.task("t").context();
    // One: the value of 64 KiB.
    expect(cold.trace.filter((call) => call === "get blobs")).toHaveLength(1);
    await all.artifact("sample.csv")?.bytes();
    expect(cold.trace.filter((call) => call === "get blobs")).toHaveLength(2);
  });

  it("is each run's own: what a reader changes changes nothing that is stored", async () => {
    const { task } = await learned();
    const first = await task.context();
    (first.latest("code") as Map<string, Uint8Array>).get("k")?.fill(9);
    (first.input as { file: string }).file = "changed";
    const second = await task.context();
    expect(second.latest("code")).toEqual(new Map([["k", bytes(65_536, 3)]]));
    expect(second.input).toEqual({ file: "orders.csv" });
  });
});

describe("binary data", () => {
  it("of 64 KiB and more lies beside the chain, smaller stays in it", async () => {
    const qa = scriptedAgent("qa", (turn) => turn.complete({ output: [bytes(65_535, 1), bytes(65_536, 2)] }));
    const bed = createBed({ agents: [qa] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    expect((await bed.head("t")).blobs).toMatchObject([{ size: 65_536, of: "value" }]);
    expect(await task.result()).toMatchObject({ output: [bytes(65_535, 1), bytes(65_536, 2)] });
  });

  it("that serves as value and as artifact is stored once, and read with the context", async () => {
    const data = bytes(70_000, 4);
    const qa = scriptedAgent("qa", (turn) => turn.complete({ artifacts: [{ name: "a", data }], output: data }));
    const bed = createBed({ agents: [qa] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    expect((await bed.head("t")).blobs).toMatchObject([{ of: "value" }]);
    expect((await task.context()).latest("qa")).toEqual(data);
  });

  it.each(["missing", "corrupt", "cut"])(
    "that is %s is a ContextIntegrityError, and no agent runs on it",
    async (how) => {
      const qa = scriptedAgent("qa", ({ context }) => context.artifact("a")?.bytes());
      const bed = createBed({ agents: [qa] });
      await bed.relay.start({
        to: "qa",
        taskId: "t",
        input: bytes(70_000, 1),
        artifacts: [{ name: "a", data: bytes(5, 2) }],
      });
      const spoil = async (size: number) => {
        const blob = (await bed.head("t")).blobs.find((each) => each.size === size);
        const key = bed.environment.keys.blob("t", blob?.sha256 ?? "");
        const whole = await bed.remove(key);
        if (how === "corrupt")
          await bed.backend.store.putIfAbsent(
            key,
            whole.map((byte) => byte ^ 1),
          );
        if (how === "cut") await bed.backend.store.putIfAbsent(key, whole.slice(1));
        return async () => {
          if (how !== "missing") await bed.remove(key);
          await bed.backend.store.putIfAbsent(key, whole);
        };
      };
      const heal = await spoil(70_000);
      expect(await bed.deliver("qa")).toMatchObject({ status: "damaged" });
      expect(qa.turns).toHaveLength(0);
      expect(bed.kinds("t")).not.toContain("attempt_started:0");
      await heal();
      // An artifact is read when it is asked for: the run that meets its damage is not the agent's fault.
      const healArtifact = await spoil(5);
      for (let time = 0; time < 4; time++) expect(await bed.deliver("qa")).toMatchObject({ status: "damaged" });
      expect(qa.turns).toHaveLength(4);
      await healArtifact();
      expect(await bed.deliver("qa")).toMatchObject({ status: "committed", decision: "complete" });
    },
  );
});
