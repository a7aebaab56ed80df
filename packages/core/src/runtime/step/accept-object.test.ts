import { describe, expect, it } from "vitest";
import { sha256 } from "../../protocol/index.js";
import { declareAgent } from "../agent/agent.js";
import { type Bed, type BedOptions, createBed } from "../testing/bed.js";
import { type ScriptedAgent, scriptedAgent } from "../testing/scripted-agent.js";

const KEY = "handoffs/ingest/1.json";
const INPUT = { file: "orders.csv", rows: 12, note: "größer 📦", nothing: null };
const encoder = new TextEncoder();

interface World {
  readonly bed: Bed;
  readonly research: ScriptedAgent;
  put(key: string, content: unknown): Promise<void>;
  /** Puts where there is something to put, and sends. */
  produce(message?: { task?: string; key?: string; from?: string; to?: string }, content?: unknown): Promise<void>;
}

/** A relay in which `ingest` is written in another language. Research asks it back as often as it is told. */
function createWorld(
  options: Partial<BedOptions> & { readonly loops?: number; readonly accepts?: boolean } = {},
): World {
  const { loops = 0, accepts = true, ...bedOptions } = options;
  const ingest = declareAgent({ name: "ingest", handsTo: ["research"] });
  const research = scriptedAgent(
    "research",
    (turn, run) => (run <= loops ? turn.handoff("ingest", { reason: "more, please" }) : "done"),
    { handsTo: ["ingest"] },
  );
  const bed = createBed({
    agents: [ingest, research, declareAgent({ name: "code" })],
    ...(accepts && { acceptUnversioned: { prefix: "handoffs/" } }),
    ...bedOptions,
  });
  const put = async (key: string, content: unknown) => {
    const bytes = content instanceof Uint8Array ? content : encoder.encode(textOf(content));
    await bed.environment.backend.store.overwrite(key, bytes);
  };
  return {
    bed,
    research,
    put,
    async produce({ task = "t", key = KEY, from = "ingest", to = "research" } = {}, content) {
      if (content !== undefined) await put(key, content);
      await bed.sendBody(to, JSON.stringify({ from_agent: from, context_s3_key: key, task_id: task }));
      bed.trace.splice(0);
    },
  };
}

const textOf = (content: unknown) => (typeof content === "string" ? content : JSON.stringify(content));

/** Sends nothing, and lets its task be done up to here. */
async function started(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = createWorld(options);
  await world.produce({}, INPUT);
  expect(await world.bed.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
  return world;
}

/** Research has run, and the task waits for `ingest`. */
async function awaited(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await started({ loops: 1, ...options });
  await world.bed.deliver("research");
  return world;
}

describe("an object of a producer in another language", () => {
  it("starts a chain as a caller's input: committed, audited, sent and acknowledged, in this order", async () => {
    const { bed, research, produce } = createWorld();
    await produce({}, INPUT);
    expect(await bed.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
    expect(bed.trace.slice(-4)).toEqual(["put slot:0", "append committed:0", "send research:0.0", "acknowledge"]);
    expect(await bed.head("t")).toMatchObject({
      hop: 0,
      fromAgent: null,
      by: "ingest",
      attempt: null,
      requestId: sha256(`{"arguments":["ingest","${KEY}"],"head":null,"operation":"accept"}`),
      decision: { kind: "handoff", to: "research" },
      origin: { kind: "object", key: KEY, sha256: sha256(JSON.stringify(INPUT)) },
    });
    expect(await bed.deliver("research")).toEqual({ status: "committed", decision: "complete" });
    expect(research.turns[0]?.context.input).toEqual(INPUT);
    expect(await bed.row("t")).toMatchObject({ status: "completed", headHop: 1 });
    expect((await bed.relay.task("t").verify()).problems).toEqual([]);
  });

  it("continues the chain that waits for its producer, as that agent's output", async () => {
    const { bed, research, produce } = await awaited();
    await produce({ key: "handoffs/ingest/2.json" }, { more: [1, 2] });
    expect(await bed.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
    expect(await bed.head("t")).toMatchObject({
      hop: 2,
      fromAgent: "ingest",
      attempt: null,
      decision: { kind: "handoff", to: "research" },
      origin: { kind: "object", key: "handoffs/ingest/2.json", sha256: sha256('{"more":[1,2]}') },
    });
    expect(await bed.deliver("research")).toMatchObject({ decision: "complete" });
    expect(research.turns[1]?.context.latest("ingest")).toEqual({ more: [1, 2] });
    expect(research.turns[1]?.context.from).toBe("ingest");
    expect((await bed.relay.task("t").verify()).problems).toEqual([]);
  });

  it("is plain data: what looks like a tagged value stays what it is", async () => {
    const { bed, research, produce } = createWorld();
    const odd = { $ah: "date", value: "1970-01-01T00:00:00.000Z" };
    await produce({}, odd);
    await bed.deliver("research");
    await bed.deliver("research");
    expect(research.turns[0]?.context.input).toEqual(odd);
  });

  it("passes the relay's redaction before it is stored", async () => {
    const { bed, research, produce } = createWorld({
      redact: (learned, about) =>
        learned.kind === "input" ? { kind: "input", value: { kept: about.taskId } } : learned,
    });
    await produce({}, { secret: 1 });
    await bed.deliver("research");
    await bed.deliver("research");
    expect(research.turns[0]?.context.input).toEqual({ kept: "t" });
  });
});

describe("a message that comes again", () => {
  it("is acknowledged, appends nothing, and sends what nobody has answered", async () => {
    const { bed, produce } = await started();
    await produce();
    // The first message's envelope is before it in the group.
    const envelope = await bed.receive("research");
    await envelope?.acknowledge();
    expect(await bed.deliver("research")).toEqual({ status: "helped" });
    expect(await bed.decisions("t")).toEqual(["handoff"]);
    expect(bed.trace).toContain("send research:0.0");
    expect(await bed.deadLetters("research")).toEqual([]);
  });

  it("finds its key in the whole chain: while the task waits for its producer again, and when it is completed", async () => {
    const { bed, produce } = await awaited();
    await produce();
    expect(await bed.deliver("research")).toEqual({ status: "helped" });
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff"]);
    await produce({ key: "handoffs/ingest/2.json" }, {});
    await bed.deliver("research");
    await bed.deliver("research");
    for (const key of [KEY, "handoffs/ingest/2.json"]) {
      await produce({ key });
      expect(await bed.deliver("research")).toEqual({ status: "helped" });
    }
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "handoff", "complete"]);
    expect(bed.trace.filter((call) => call.startsWith("send") || call.startsWith("put"))).toEqual([]);
  });

  it("needs its object no more: it was read when it was accepted", async () => {
    const { bed, produce } = await started();
    await bed.deliver("research");
    await bed.remove(KEY);
    await produce();
    expect(await bed.deliver("research")).toEqual({ status: "helped" });
  });

  it("is rejected where other bytes lie under its key now, and what was accepted goes on", async () => {
    const { bed, research, produce } = createWorld();
    await produce({}, INPUT);
    bed.fail("append committed:0", "before");
    expect(await bed.deliver("research")).toMatchObject({ status: "released" });
    await produce({}, { ...INPUT, rows: 13 });
    for (let message = 0; message < 2; message++)
      expect(await bed.deliver("research")).toEqual({
        status: "rejected",
        reason: "the object was changed after it was accepted at hop 0; put what is new under a key of its own",
      });
    expect(await bed.deliver("research")).toMatchObject({ decision: "complete" });
    expect(research.turns[0]?.context.input).toEqual(INPUT);
    expect(await bed.deadLetters("research")).toHaveLength(2);
    expect(bed.kinds("t")).toEqual(expect.arrayContaining(["committed:0", "rejected:0", "committed:1"]));
  });

  it("is told apart by its key alone: the same bytes under another key are another object", async () => {
    const { bed, produce } = await awaited();
    await produce({ key: "handoffs/ingest/2.json" }, INPUT);
    expect(await bed.deliver("research")).toMatchObject({ status: "committed" });
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "handoff"]);
  });
});

describe("a message that cannot be taken in", () => {
  const wrongKeys: readonly (readonly [string, string])[] = [
    ["of a slot", "relay/slots/t/0000000000.ndjson.gz"],
    ["of another producer", "handoffs/code/1.json"],
    ["of a producer whose name begins alike", "handoffs/ingest-2/1.json"],
    ["of the producer's folder itself", "handoffs/ingest/"],
    ["that leaves the folder", "handoffs/ingest/../../relay/slots/t/0000000000.ndjson.gz"],
    ["with an empty part", "handoffs/ingest//1.json"],
    ["with a part that is the folder itself", "handoffs/ingest/./1.json"],
    ["with a leading slash", "/handoffs/ingest/1.json"],
    ["beyond ASCII", "handoffs/ingest/é.json"],
    ["with a line feed", "handoffs/ingest/1.json\n"],
    ["longer than a store takes", `handoffs/ingest/${"x".repeat(500)}`],
  ];

  it.each(wrongKeys)("is rejected, and nothing is read, for a key %s", async (_what, key) => {
    const { bed, put, produce } = createWorld();
    await put(key, {});
    await produce({ key });
    expect(await bed.deliver("research")).toMatchObject({
      status: "rejected",
      reason: expect.stringContaining('must be "handoffs/ingest/" and a name'),
    });
    expect(bed.trace.filter((call) => call.startsWith("get") || call.startsWith("list"))).toEqual([]);
  });

  it.each<[string, string, unknown]>([
    ["nothing", "there is no object at the context_s3_key", undefined],
    ["no JSON", "the object is not JSON", "file,rows\norders,12\n"],
    ["Python's NaN", "the object is not JSON", '{"mean": NaN}'],
    ["a name twice", "a name occurs twice", '{"a": 1, "a": 2}'],
    ["a number that no float64 holds", "the object is not JSON", '{"id": 9007199254740993}'],
    ["a list", "the object is not a JSON object", [1, 2]],
    ["a text", "the object is not a JSON object", '"orders.csv"'],
    ["no bytes at all", "the object is not JSON", ""],
    ["a byte order mark", "the object is not JSON", "\ufeff{}"],
    ["other bytes than UTF-8", "the object is not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d)],
    ["too many levels", "nested deeper", `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`],
    ["more than a value may have", "the object is larger than 67108864 bytes", new Uint8Array(64 * 1024 ** 2 + 1)],
  ])("is rejected into the dead-letter queue where there is %s", async (_what, reason, content) => {
    const { bed, produce } = createWorld();
    await produce({}, content);
    expect(await bed.deliver("research")).toMatchObject({
      status: "rejected",
      reason: expect.stringContaining(reason),
    });
    expect(await bed.deadLetters("research")).toEqual([expect.stringContaining(reason)]);
    expect(await bed.events("t")).toMatchObject([
      { kind: "rejected", agent: "research", detail: { reason: expect.stringContaining(reason) } },
    ]);
    await expect(bed.decisions("t")).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it.each<[string, string, Parameters<World["produce"]>[0]]>([
    [
      "is no agent of the relay",
      'declare it: declareAgent({ name: "ghost", handsTo: ["research"] })',
      { from: "ghost" },
    ],
    ["may not hand to this queue's agent", '"code" may not hand to "research"', { from: "code" }],
    ["gives an id that only begotten tasks have", "a new one's id must match", { task: "orders.1.0" }],
  ])("is rejected where its producer %s", async (_what, reason, message) => {
    const { bed, produce } = createWorld();
    await produce({ key: `handoffs/${message?.from ?? "ingest"}/1.json`, ...message }, {});
    expect(await bed.deliver("research")).toMatchObject({
      status: "rejected",
      reason: expect.stringContaining(reason),
    });
  });

  it("is rejected while its task is handed to another agent, and taken in after a redrive when it waits", async () => {
    const { bed, produce } = await started({ loops: 1 });
    const envelope = await bed.receive("research");
    await produce({ key: "handoffs/ingest/2.json" }, { early: true });
    await envelope?.acknowledge();
    expect(await bed.deliver("research")).toEqual({
      status: "rejected",
      reason: 'task t is handed to "research"; it does not wait for "ingest"',
    });
    await bed.send("t");
    await bed.deliver("research");
    expect(await bed.environment.backend.transport.redrive({ relayId: "relay", agent: "research" })).toBe(1);
    expect(await bed.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "handoff"]);
  });

  it.each<[string, (turn: Parameters<Parameters<typeof scriptedAgent>[1]>[0]) => unknown]>([
    ["completed", () => "done"],
    ["failed", (turn) => turn.fail({ reason: "no" })],
    ["waiting", (turn) => turn.wait({ question: "go on?" })],
  ])("is rejected when its task is %s, which stays as it is", async (status, script) => {
    const ingest = declareAgent({ name: "ingest", handsTo: ["research"] });
    const { bed, produce } = await started({ agents: [ingest, scriptedAgent("research", script)] });
    await bed.deliver("research");
    await produce({ key: "handoffs/ingest/2.json" }, {});
    const before = await bed.decisions("t");
    expect(await bed.deliver("research")).toEqual({
      status: "rejected",
      reason: `task t is ${status}; it does not wait for "ingest"`,
    });
    expect(await bed.decisions("t")).toEqual(before);
  });

  it("of a start beyond the relay's limits is rejected as the start would be", async () => {
    const { bed, produce } = createWorld({ maxContextBytes: 2_000 });
    await produce({}, { text: "x".repeat(2_000) });
    expect(await bed.deliver("research")).toMatchObject({
      status: "rejected",
      reason: expect.stringContaining("maxContextBytes"),
    });
  });

  it("of an answer beyond the relay's limits fails the task as any agent's would, and keeps it for people", async () => {
    const { bed, produce } = await awaited({ maxContextBytes: 4_000 });
    await produce({ key: "handoffs/ingest/2.json" }, { text: "x".repeat(4_000) });
    expect(await bed.deliver("research")).toEqual({ status: "committed", decision: "fail" });
    expect(await bed.head("t")).toMatchObject({
      fromAgent: "ingest",
      decision: { kind: "fail", reason: expect.stringContaining("maxContextBytes") },
      blobs: [{ of: "unsent" }],
    });
    await produce({ key: "handoffs/ingest/2.json" });
    expect(await bed.deliver("research")).toEqual({ status: "helped" });
  });

  it("of a task that was erased is acknowledged, as every message of it", async () => {
    const { bed, produce } = await started();
    await bed.deliver("research");
    await bed.settled(bed.relay.task("t").erase());
    await produce({ key: "handoffs/ingest/2.json" }, {});
    expect(await bed.deliver("research")).toEqual({ status: "erased" });
  });

  it("of a damaged task is given back: it is taken in when the chain is whole again", async () => {
    const { bed, put, produce } = await awaited();
    const bytes = await bed.remove(bed.slotKey("t", 0));
    await produce({ key: "handoffs/ingest/2.json" }, {});
    const other = bed.another();
    expect(await other.deliver("research")).toMatchObject({ status: "damaged" });
    await put(bed.slotKey("t", 0), bytes);
    expect(await other.deliver("research")).toMatchObject({ status: "committed" });
  });

  it("because the store fails is given back, and taken in later", async () => {
    const { bed, produce } = createWorld();
    await produce({}, INPUT);
    bed.fail(`get ${KEY}`, "before");
    expect(await bed.deliver("research")).toMatchObject({ status: "released" });
    expect(await bed.deliver("research")).toMatchObject({ status: "committed" });
    expect(bed.kinds("t")).toEqual(["committed:0"]);
  });
});

describe("where somebody else is quicker", () => {
  it("the same message in another worker, the object is taken in once", async () => {
    const { bed, produce } = createWorld();
    await produce({}, INPUT);
    await produce();
    const other = bed.another();
    const deliveries = [await bed.receive("research"), undefined];
    await bed.clock.advance(60_000);
    deliveries[1] = await other.receive("research");
    bed.intercept = async (call) => {
      if (call !== "put slot:0") return;
      bed.intercept = () => {};
      if (deliveries[1] !== undefined)
        expect(await other.handle("research", deliveries[1])).toMatchObject({ status: "committed" });
    };
    if (deliveries[0] === undefined) throw new Error("nothing received");
    expect(await bed.settled(bed.handle("research", deliveries[0]))).toEqual({ status: "helped" });
    expect(await bed.decisions("t")).toEqual(["handoff"]);
  });

  it("a cancel, the message is rejected, and the task stays canceled", async () => {
    const { bed, produce } = await awaited();
    await produce({ key: "handoffs/ingest/2.json" }, {});
    const other = bed.another();
    bed.intercept = async (call) => {
      if (call !== "put slot:2") return;
      bed.intercept = () => {};
      await other.relay.task("t").cancel();
    };
    expect(await bed.deliver("research")).toMatchObject({
      status: "rejected",
      reason: 'task t is canceled; it does not wait for "ingest"',
    });
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "cancel"]);
  });
});

describe("a relay that takes no unversioned messages", () => {
  it("rejects one as it rejects any message that is no envelope", async () => {
    const { bed, produce } = createWorld({ accepts: false });
    await produce({}, INPUT);
    expect(await bed.deliver("research")).toEqual({
      status: "rejected",
      reason: expect.stringMatching(/^the envelope's fields are missing or wrong: v, relay_id, hop, /),
    });
    expect(bed.kinds("-")).toEqual(["rejected:0"]);
    expect(bed.trace).not.toContain(`get ${KEY}`);
  });
});
