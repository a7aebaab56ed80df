import { describe, expect, it } from "vitest";
import { memory } from "../memory/index.js";
import { type Agent, declareAgent, defineAgent } from "./agent/agent.js";
import { DEFAULT_LIMITS, parseRelayOptions, type RelayLimits, type RelayOptions } from "./options.js";
import { createRelay } from "./relay.js";

const qa = defineAgent({ name: "qa", run: () => 1 });
const create = (options: object) =>
  createRelay({ id: "r", agents: [qa], backend: memory(), ...options } as unknown as RelayOptions<
    readonly Agent<"qa", never>[]
  >);

describe("the defaults", () => {
  it("are those of the design", () => {
    const minute = 60_000;
    expect(DEFAULT_LIMITS).toMatchObject({
      maxAttempts: 3,
      maxHops: 10_000,
      maxContextBytes: 1024 ** 3,
      blobThresholdBytes: 64 * 1024,
      hopDeadlineMs: 15 * minute,
      graceMs: 10_000,
      backoffMs: 1_000,
      maxBackoffMs: 15 * minute,
      intentTtlMs: 60 * minute,
      cacheBytes: 256 * 1024 ** 2,
    });
  });

  it("hold where nothing else is said, and versions are then not pinned", () => {
    const options = { id: "r", agents: [qa], backend: memory() };
    expect(parseRelayOptions(options)).toEqual({ limits: DEFAULT_LIMITS, versions: "any" });
    expect(parseRelayOptions({ ...options, versions: "any" }).versions).toBe("any");
    expect(parseRelayOptions(options).acceptUnversioned).toBeUndefined();
    expect(parseRelayOptions({ ...options, versions: "pinned", maxHops: 7 })).toEqual({
      limits: { ...DEFAULT_LIMITS, maxHops: 7 },
      versions: "pinned",
    });
  });
});

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

describe("a limit", () => {
  it.each<[keyof RelayLimits, number, number]>([
    ["maxAttempts", 1, 1_000],
    ["maxHops", 1, 1_000_000],
    ["maxContextBytes", 1, Number.MAX_SAFE_INTEGER],
    ["blobThresholdBytes", 1, Number.MAX_SAFE_INTEGER],
    ["hopDeadlineMs", 1, YEAR],
    ["graceMs", 0, YEAR],
    ["backoffMs", 0, YEAR],
    ["maxBackoffMs", 0, YEAR],
    ["intentTtlMs", HOUR, YEAR],
    ["cacheBytes", 0, Number.MAX_SAFE_INTEGER],
  ])("%s is a whole number from %d to %d", (name, least, most) => {
    const parse = (value: number) => parseRelayOptions({ id: "r", agents: [qa], backend: memory(), [name]: value });
    for (const value of [least, most]) expect(parse(value).limits).toEqual({ ...DEFAULT_LIMITS, [name]: value });
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => parse(value), String(value)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringContaining(name) }),
      );
  });
});

describe("a relay that cannot work", () => {
  it.each<[string, object, string]>([
    ["has no id", { id: "" }, "must match /^[a-z0-9]"],
    ["has an id that is a path", { id: "../r" }, "id"],
    ["has no agents", { agents: [] }, "needs at least one agent"],
    ["has no backend", { backend: undefined }, "backend"],
    ["has two agents of one name", { agents: [qa, qa] }, 'two agents named "qa"; give each its own name'],
    ["has a dangling route", { agents: [declareAgent({ name: "a", handsTo: ["a", "b"] })] }, '"a" hands to "b"'],
    ["has a route to an agent elsewhere", { agents: [declareAgent({ name: "a", handsTo: ["b"] })] }, "declareAgent"],
    ["has an agent that is none", { agents: [7] }, "agents"],
    ["has an agent without routes", { agents: [{ name: "a" }] }, "handsTo"],
    ["has half a backend", { backend: { store: {}, transport: {} } }, "audit"],
    ["allows no attempt", { maxAttempts: 0 }, "maxAttempts"],
    ["has no finite hop deadline", { hopDeadlineMs: Number.POSITIVE_INFINITY }, "hopDeadlineMs"],
    ["keeps intents for less than an hour", { intentTtlMs: 1_000 }, "at least an hour"],
    ["pins to something else", { versions: "latest" }, "versions"],
    ["takes unversioned messages from anywhere", { acceptUnversioned: true }, '{ prefix: "handoffs/" }'],
    ["takes them from a prefix that is none", { acceptUnversioned: { prefix: "handoffs" } }, 'end with "/"'],
    ["takes them from the whole store", { acceptUnversioned: { prefix: "" } }, 'end with "/"'],
    ["takes them from a path", { acceptUnversioned: { prefix: "../handoffs/" } }, 'end with "/"'],
    [
      "takes them by a name it does not know",
      { acceptUnversioned: { prefix: "h/", agents: [] } },
      '{ prefix: "handoffs/" }',
    ],
    ["takes them from its own keys", { acceptUnversioned: { prefix: "r/slots/" } }, "must lie apart"],
    ["takes them from around its own keys", { acceptUnversioned: { prefix: "r/" } }, "must lie apart"],
    [
      "takes them from around its backend's prefix",
      { acceptUnversioned: { prefix: "team/" }, backend: { ...memory(), prefix: "team/a/" } },
      '("team/a/r/…") must lie apart',
    ],
  ])("because it %s is refused at once, and told what to do", (_what, options, words) => {
    expect(() => create(options)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringContaining(words) }),
    );
  });
});

describe("an agent that cannot work", () => {
  it.each<[string, object]>([
    ["has no name", { name: "" }],
    ["has a name with capitals", { name: "QA" }],
    ["hands to no name", { name: "qa", handsTo: ["../x"] }],
    ["has no deadline that ends", { name: "qa", deadlineMs: 0 }],
    ["has an endless version", { name: "qa", version: "v".repeat(129) }],
  ])("because it %s is refused at once", (_what, definition) => {
    expect(() => declareAgent(definition as never)).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
  });

  it("because it has no run is refused by defineAgent, and only declared by declareAgent", () => {
    expect(() => defineAgent({ name: "qa" } as never)).toThrow(/declareAgent/);
    expect(declareAgent({ name: "qa" }).run).toBeUndefined();
  });
});
