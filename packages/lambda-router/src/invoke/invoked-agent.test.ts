import { createHash } from "node:crypto";
import { createRelay, type Delivery, type DeliveryOutcome, declareAgent } from "@agenthandoff/core";
import { fakeClock, memory } from "@agenthandoff/core/memory";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, it } from "vitest";
import { type InvokedAgentDefinition, invokedAgent } from "./invoked-agent.js";
import type { WireRequest } from "./wire.js";

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:qa";

/** What Lambda answers to one invocation: an output, or what the SDK throws. */
type Reply = (request: WireRequest, signal: AbortSignal) => unknown;

const answering =
  (answer: unknown): Reply =>
  () => ({ StatusCode: 200, Payload: Buffer.from(typeof answer === "string" ? answer : JSON.stringify(answer)) });
const failing =
  (errorType: string | undefined, errorMessage: string): Reply =>
  () => ({ FunctionError: "Unhandled", Payload: Buffer.from(JSON.stringify({ errorType, errorMessage })) });
const throwing =
  (name: string, status?: number): Reply =>
  () => {
    throw Object.assign(new Error(`${name} as told`), {
      name,
      ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
    });
  };

/** A task whose agent is a function, which answers so. */
function place(...replies: readonly Reply[]) {
  const requests: WireRequest[] = [];
  const commands: unknown[] = [];
  const client = {
    async send(command: { input: { Payload: Uint8Array } }, { abortSignal }: { abortSignal: AbortSignal }) {
      commands.push(command.input);
      const request = JSON.parse(Buffer.from(command.input.Payload).toString()) as WireRequest;
      requests.push(request);
      return await replies[Math.min(requests.length, replies.length) - 1]?.(request, abortSignal);
    },
  } as unknown as LambdaClient;
  const clock = fakeClock();
  const backend = memory({ clock });
  const relay = createRelay({
    id: "relay",
    agents: [invokedAgent({ name: "qa", handsTo: ["code"], functionArn: ARN, client }), declareAgent({ name: "code" })],
    backend,
  });
  const address = { relayId: "relay", agent: "qa" };
  const receive = async (): Promise<Delivery> => {
    const [delivery] = await clock.until(
      backend.transport.receive(address, { max: 1, waitMs: 20 * 60_000, visibilityMs: 10_000 }),
    );
    if (delivery === undefined) throw new Error("nothing came");
    return delivery;
  };
  return {
    relay,
    backend,
    clock,
    requests,
    commands,
    start: () => relay.start({ to: "qa", taskId: "t", input: "orders" }),
    deliver: async (): Promise<DeliveryOutcome> => await clock.until(relay.handle(await receive(), { agent: "qa" })),
    async events(): Promise<string[]> {
      const kinds: string[] = [];
      for await (const { kind } of backend.audit.events("relay", "t", { hop: 0 })) kinds.push(kind);
      return kinds.sort();
    },
    async detail(kind: string): Promise<string> {
      for await (const event of backend.audit.events("relay", "t", { hop: 0 }))
        if (event.kind === kind) return JSON.stringify(event.detail);
      return "";
    },
  };
}

const done = answering({ decision: { kind: "complete" }, entries: [{ kind: "output", value: "fine" }] });

describe("an invoked agent", () => {
  it("is told where its context stands, and by when to answer; nothing of the context itself", async () => {
    const { start, deliver, requests, commands, clock, relay } = place(done);
    const task = await start();
    const { head } = await task.head();
    const begin = clock.now();
    expect(await deliver()).toEqual({ status: "committed", decision: "complete" });
    expect(await task.result()).toMatchObject({ status: "completed", output: "fine" });
    expect(commands).toMatchObject([{ FunctionName: ARN, InvocationType: "RequestResponse" }]);
    expect(requests).toEqual([
      {
        v: 1,
        relay_id: "relay",
        task_id: "t",
        hop: 0,
        context_s3_key: "relay/slots/t/0000000000.ndjson.gz",
        handoff_sha256: head,
        agent: "qa",
        attempt: { id: expect.stringMatching(/\.1$/), number: 1 },
        deadline: new Date(begin + relay.limits.hopDeadlineMs - 1_000).toISOString(),
      },
    ]);
  });

  it("hands on to whom its answer says, within its routes", async () => {
    const { start, deliver } = place(answering({ decision: { kind: "handoff", to: "code" } }));
    await start();
    expect(await deliver()).toEqual({ status: "committed", decision: "handoff" });
  });

  it("fails its task where the answer names an agent that it may not hand to", async () => {
    const { start, deliver } = place(answering({ decision: { kind: "handoff", to: "qa" } }));
    const task = await start();
    expect(await deliver()).toEqual({ status: "committed", decision: "fail" });
    expect(await task.result()).toMatchObject({ reason: expect.stringContaining("which its handsTo does not name") });
  });

  it("hangs up once its run is told to stop", async () => {
    const aborted: boolean[] = [];
    const { start, deliver, events } = place(
      (_request, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            aborted.push(true);
            reject(new Error("aborted"));
          });
        }),
    );
    await start();
    expect(await deliver()).toMatchObject({ status: "released" });
    expect(aborted).toEqual([true]);
    expect(await events()).toContain("attempt_failed");
  });
});

describe("what costs no attempt, and is tried again after a while", () => {
  it.each([
    ["a function that is throttled", throwing("TooManyRequestsException", 429), "Lambda does not run"],
    ["a service that fails", throwing("ServiceException", 500), "Lambda does not run"],
    ["a function that is being changed", throwing("ResourceConflictException", 409), "Lambda does not run"],
    ["a role that may not invoke it", throwing("AccessDeniedException", 403), "allow it in the role's policy"],
    ["a function that is not there", throwing("ResourceNotFoundException", 404), "does not exist"],
    [
      "a refusal",
      answering({ refused: { message: "it runs another agent" } }),
      `${ARN} refused the run: it runs another agent`,
    ],
    ["an outage of the function's store", answering({ error: { message: "S3 is away", code: "STORE" } }), "S3 is away"],
  ])("is %s", async (_what, reply, words) => {
    const { start, deliver, events, detail, requests } = place(reply, done);
    const task = await start();
    const outcome = await deliver();
    expect(outcome).toMatchObject({ status: "released", reason: expect.stringContaining(words) });
    expect(await events()).toEqual(["attempt_released", "attempt_started", "committed"]);
    expect(await detail("attempt_released")).toContain(words.slice(0, 20));
    expect(await deliver()).toEqual({ status: "committed", decision: "complete" });
    expect(requests.map(({ attempt }) => attempt.number)).toEqual([1, 1]);
    expect(await task.result()).toMatchObject({ status: "completed" });
  });
});

describe("what costs an attempt, and is tried again", () => {
  it.each([
    ["an agent that threw", answering({ error: { name: "RangeError", message: "too far" } }), '"name":"RangeError"'],
    ["a function that threw in another language", failing("ValueError", "no rows"), `${ARN} failed: no rows`],
    ["a function whose time was over", failing("Sandbox.Timedout", "Task timed out"), "give the function more time"],
    ["an answer that Lambda refused as too large", failing("Function.ResponseSizeTooLarge", "6 MB"), "into the store"],
    ["a function that says nothing", () => ({ FunctionError: "Unhandled" }), "it does not say why"],
    ["a lost answer, since the agent may have run", throwing("ECONNRESET"), "ECONNRESET"],
    ["an answer that is no JSON", answering("done"), "InvalidAnswerError"],
    ["an answer with a name that occurs twice", answering('{"decision":1,"decision":2}'), "a name occurs twice"],
    ["an answer without a decision", answering({ output: 1 }), "decision"],
    [
      "an answer whose values nobody wrote",
      answering({ decision: { kind: "complete" }, entries: [{ kind: "output", value: { $ah: "no-such-tag" } }] }),
      "InvalidAnswerError",
    ],
    ["no answer", () => ({}), "InvalidAnswerError"],
  ])("is %s", async (_what, reply, words) => {
    const { start, deliver, events, detail, requests } = place(reply, done);
    await start();
    expect(await deliver()).toMatchObject({ status: "released" });
    expect(await events()).toEqual(["attempt_failed", "attempt_started", "committed"]);
    expect(await detail("attempt_failed")).toContain(words);
    expect(await deliver()).toEqual({ status: "committed", decision: "complete" });
    expect(requests.map(({ attempt }) => attempt.number)).toEqual([1, 2]);
  });

  it("is an agent that asks for patience, which it gets", async () => {
    const { start, deliver, clock, detail } = place(
      answering({ error: { message: "busy", retry_after_ms: 300_000 } }),
      done,
    );
    await start();
    await deliver();
    const begin = clock.now();
    await deliver();
    expect(clock.now() - begin).toBeGreaterThanOrEqual(300_000);
    expect(await detail("attempt_failed")).toContain("RetryLaterError");
  });
});

describe("what fails the task at once", () => {
  it.each(["NON_RETRYABLE", "NOT_SERIALIZABLE"])("is an error with the code %s", async (code) => {
    const { start, deliver } = place(answering({ error: { message: "never", code } }));
    const task = await start();
    expect(await deliver()).toEqual({ status: "committed", decision: "fail" });
    expect(await task.result()).toMatchObject({ status: "failed", error: { message: "never" } });
  });
});

describe("a result that was too large for an answer", () => {
  const bytes = Buffer.from(
    JSON.stringify({ decision: { kind: "complete" }, entries: [{ kind: "output", value: "much" }] }),
  );
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const stored = answering({ stored: { sha256, bytes: bytes.length } });
  const key = `relay/runs/t/0/answer-${sha256}`;

  it("is read from the store, by a key that its hash makes", async () => {
    const { start, deliver, backend } = place(stored);
    const task = await start();
    await backend.store.overwrite(key, bytes);
    expect(await deliver()).toEqual({ status: "committed", decision: "complete" });
    expect(await task.result()).toMatchObject({ output: "much" });
  });

  it.each<[string, Uint8Array | undefined, Reply, string]>([
    ["is not there", undefined, stored, "not in this relay's store"],
    ["is cut", bytes.subarray(1), stored, "does not have the hash"],
    [
      "was altered",
      Buffer.from(bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte))),
      stored,
      "does not have the hash",
    ],
    ["is larger than anybody may keep", bytes, answering({ stored: { sha256, bytes: 2 ** 40 } }), "are the most"],
    [
      "is named as no hash can be",
      bytes,
      answering({ stored: { sha256: "../../slots/t/0000000001.ndjson.gz", bytes: 1 } }),
      "must be a sha256",
    ],
  ])("is not used where it %s", async (_what, content, reply, words) => {
    const { start, deliver, backend, detail } = place(reply);
    await start();
    if (content !== undefined) await backend.store.overwrite(key, content);
    expect(await deliver()).toMatchObject({ status: "released" });
    expect(await detail("attempt_failed")).toContain(words);
  });
});

describe("invokedAgent()", () => {
  it.each(["qa", "arn:aws:sqs:eu-central-1:123456789012:qa", "arn:aws:lambda:eu-central-1:123456789012:layer:qa"])(
    "refuses %s, which is no function's ARN",
    (functionArn) => {
      expect(() => invokedAgent({ name: "qa", functionArn })).toThrow("must be a Lambda function's ARN");
    },
  );

  it("keeps what is said of the agent, as declareAgent does", () => {
    const definition: InvokedAgentDefinition<"qa", "code"> = {
      name: "qa",
      handsTo: ["code"],
      version: "2",
      deadlineMs: 5,
      functionArn: `${ARN}:live`,
    };
    const { run, ...rest } = invokedAgent(definition);
    expect(rest).toEqual({ name: "qa", handsTo: ["code"], version: "2", deadlineMs: 5 });
    expect(run).toBeTypeOf("function");
    expect(() => invokedAgent({ ...definition, name: "Q A" as never })).toThrow("must match");
  });

  it("runs for a relay only", async () => {
    const agent = invokedAgent({ name: "qa", functionArn: ARN });
    await expect(agent.run?.({} as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});
