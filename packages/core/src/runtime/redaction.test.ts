import { describe, expect, it } from "vitest";
import { artifact, message, state } from "./agent/entries.js";
import { type Learned, redactEach, redactText, redactValue, summarizeError } from "./redaction.js";
import { createBed } from "./testing/bed.js";
import { scriptedAgent } from "./testing/scripted-agent.js";

describe("the redaction hook", () => {
  it("sees everything that comes in, says what is kept, and runs before anything is stored", async () => {
    const seen: string[] = [];
    const secret = "hunter2";
    const qa = scriptedAgent("qa", (turn, run) =>
      run === 1
        ? turn.wait({
            question: secret,
            entries: [message(secret), state("s", secret), artifact("drop", secret), { kind: "view", value: secret }],
            output: { password: secret },
          })
        : "done",
    );
    const bed = createBed({
      agents: [qa],
      redact(learned, { taskId, hop, agent }) {
        seen.push(`${learned.kind} ${taskId} ${hop} ${agent}`);
        if (learned.kind === "artifact")
          return learned.name === "drop" ? undefined : { ...learned, data: "[redacted]" };
        return { ...learned, value: learned.kind === "output" ? { password: "[redacted]" } : "[redacted]" };
      },
    });
    const task = await bed.relay.start({
      to: "qa",
      taskId: "t",
      input: secret,
      metadata: secret,
      artifacts: [{ name: "a", data: secret }],
    });
    await bed.deliver("qa");
    await task.resume({ head: (await task.head()).head, answer: secret });
    await bed.deliver("qa");
    expect(new Set(seen)).toEqual(
      new Set([
        "input t 0 null",
        "artifact t 0 null",
        "metadata t 0 null",
        "message t 1 qa",
        "state t 1 qa",
        "artifact t 1 qa",
        "view t 1 qa",
        "output t 1 qa",
        "question t 1 qa",
        "answer t 2 null",
        "output t 3 qa",
      ]),
    );
    const context = await task.context();
    expect(context.metadata).toBe("[redacted]");
    expect(context.entries.map(({ kind }) => kind)).toEqual([
      "input",
      "artifact",
      "message",
      "state",
      "view",
      "output",
      "answer",
      "output",
    ]);
    expect(await context.artifact("a")?.text()).toBe("[redacted]");
    const { gunzipSync } = await import("node:zlib");
    for (const { bytes } of bed.data.objects.values())
      expect(bytes[0] === 0x1f ? gunzipSync(bytes).toString() : Buffer.from(bytes).toString()).not.toContain(secret);
  });
});

describe("a redaction hook", () => {
  const about = { taskId: "t", hop: 1, agent: "qa" };
  const entries = [message("a"), state("s", "b")];

  it("may leave out, and change what it keeps; without one all is kept as it is", () => {
    expect(redactEach({ redact: undefined }, about, entries)).toBe(entries);
    const redact = (learned: Learned) =>
      learned.kind === "state" ? undefined : ({ ...learned, value: "x" } as Learned);
    expect(redactEach({ redact }, about, entries)).toEqual([message("x")]);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["a text", "message"],
    ["another kind", state("s", 1)],
    ["a promise", Promise.resolve(message("a"))],
  ])("must not return %s", (_what, returned) => {
    expect(() => redactEach({ redact: () => returned as Learned }, about, [message("a")])).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTIONS",
        message: expect.stringContaining("must return the message that may be kept, or undefined"),
      }),
    );
  });

  it("is asked about a question or metadata that is there, and may leave it out", () => {
    const asked: string[] = [];
    const redact = (learned: Learned) => {
      asked.push(learned.kind);
      return learned.kind === "question" ? undefined : learned;
    };
    expect(redactValue({ redact }, about, "question", "secret")).toBeUndefined();
    expect(redactValue({ redact }, about, "metadata", "fine")).toBe("fine");
    expect(redactValue({ redact }, about, "metadata", undefined)).toBeUndefined();
    expect(asked).toEqual(["question", "metadata"]);
  });
});

describe("the text of an error", () => {
  it.each([
    ["Authorization: Bearer abc.def-123456", "Authorization: [redacted]"],
    ["proxy-authorization = xyz", "proxy-authorization = [redacted]"],
    ["api-key=1, apikey=2, api_key=3", "api-key=[redacted], apikey=[redacted], api_key=[redacted]"],
    ["Cookie: a=b; c=d\r\nHost: x", "Cookie: [redacted]\r\nHost: x"],
    ["x-amz-security-token: abc", "x-amz-security-token: [redacted]"],
    ['{"x-api-key":"k","model":"m"}', '{"x-api-key":"[redacted]","model":"m"}'],
    ["sent bearer 12345678 to x", "sent bearer [redacted] to x"],
    ["sent bearer \t 12345678 to x", "sent bearer [redacted] to x"],
    ["basic dXNlcjpwYXNz and more", "basic [redacted] and more"],
    ["key pk-abcdefghijklmnop!", "key [redacted]!"],
    ["key rk-abcdefghijklmnop!", "key [redacted]!"],
    ["AKIAABCDEFGHIJKLMNOP is unknown", "[redacted] is unknown"],
    ["https://user:hunter2@host/x", "https://user:[redacted]@host/x"],
  ])("keeps what stands around a credential: %s", (text, kept) => {
    expect(redactText(text)).toBe(kept);
  });

  it.each([
    "the cookie was refused",
    "authorization failed",
    "a bearer of bad news",
    "basically 12345678",
    "sk-short",
    "task-abcdefghijklmnopqrst",
    "AKIAABCDEFGHIJKLMNOPQ",
    "http://host:8080/path@x",
    "https://host/a:b@c",
  ])("keeps words that are no credentials: %s", (text) => {
    expect(redactText(text)).toBe(text);
  });

  it.each([
    ["Authorization: Bearer abc.def-123456", "abc.def"],
    ['{"authorization":"Basic dXNlcjpwYXNz"}', "dXNlcjpwYXNz"],
    ["x-api-key=0123456789", "0123456789"],
    ["Set-Cookie: session=abcdef; Path=/", "abcdef"],
    ["invalid key sk-proj-abcdefghijklmnop1234", "abcdefghijklmnop"],
    ["AKIAABCDEFGHIJKLMNOP", "AKIAABCDEF"],
    ["postgres://user:hunter2@db/x", "hunter2"],
  ])("loses its credentials: %s", (text, secret) => {
    expect(redactText(`failed: ${text}`)).not.toContain(secret);
    expect(redactText(`failed: ${text}`)).toContain("failed: ");
  });

  it("is bounded, and never split within a character", () => {
    expect(redactText("x".repeat(1_000_000))).toHaveLength(2_000);
    const emoji = redactText("😀".repeat(5_000));
    expect(emoji.length).toBeLessThanOrEqual(2_000);
    expect(Buffer.from(emoji).toString()).toBe(emoji);
    expect(summarizeError(new Error("y".repeat(10_000))).message.length).toBeLessThanOrEqual(2_000);
  });

  it("keeps name, message and code of what was thrown", () => {
    expect(summarizeError(Object.assign(new TypeError("bad"), { code: 404 }))).toEqual({
      name: "TypeError",
      message: "bad",
      code: "404",
    });
    expect(summarizeError("text")).toEqual({ name: "Error", message: "text" });
    expect(summarizeError(undefined)).toEqual({ name: "Error", message: "undefined" });
    expect(summarizeError(null)).toEqual({ name: "Error", message: "null" });
    expect(summarizeError({ name: 7, message: "m", code: {} })).toEqual({ name: "Error", message: "m" });
    expect(summarizeError({ name: "api_key=1", message: "m", code: "api_key=2" })).toEqual({
      name: "api_key=[redacted]",
      message: "m",
      code: "api_key=[redacted]",
    });
    const long = summarizeError({ name: "n".repeat(999), message: "m", code: "c".repeat(999) });
    expect([long.name.length, long.code?.length]).toEqual([128, 128]);
    expect(summarizeError({ toString: 1 })).toEqual({
      name: "Error",
      message: "an object was thrown that is no error",
    });
  });

  it("that cannot be read is told all the same", () => {
    const unreadable = { name: "Error", message: "what was thrown cannot be read" };
    const hostile = {
      get message(): string {
        throw new Error("no");
      },
    };
    expect(summarizeError(hostile)).toEqual(unreadable);
    expect(summarizeError(Symbol("s"))).toEqual({ name: "Error", message: "Symbol(s)" });
  });

  it("with a lone surrogate is told all the same", async () => {
    const qa = scriptedAgent("qa", (turn, run) => {
      if (run === 1) throw new Error("half \ud83d");
      return turn.fail({ reason: "half \ud83d" });
    });
    const bed = createBed({ agents: [qa] });
    const task = await bed.relay.start({ to: "qa", taskId: "t", reason: "\udc00" });
    await bed.deliver("qa");
    await bed.deliver("qa");
    expect(await bed.another().relay.task("t").result()).toMatchObject({ status: "failed" });
    expect(await task.verify()).toMatchObject({ ok: true });
  });
});
