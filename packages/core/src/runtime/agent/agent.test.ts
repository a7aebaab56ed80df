import { describe, expect, it } from "vitest";
import type { ClassCodec } from "../../codec/index.js";
import { declareAgent, defineAgent } from "./agent.js";
import { artifact, message, output, state } from "./entries.js";
import type { Turn } from "./turn.js";

const codec: ClassCodec = { name: "C", is: (_value): _value is object => false, encode: () => 0, decode: () => ({}) };
const everything = {
  name: "qa",
  handsTo: ["code", "qa"],
  description: "checks",
  version: "v".repeat(128),
  deadlineMs: 1,
  classes: [codec],
} as const;

describe("an agent", () => {
  it("is what its declaration says, all of it, and nothing that it does not say", () => {
    expect(declareAgent(everything)).toStrictEqual(everything);
    expect(declareAgent({ name: "qa" })).toStrictEqual({ name: "qa", handsTo: [] });
  });

  it("that is defined runs its function with the turn, as its own method", () => {
    const definition = {
      ...everything,
      own: 41,
      run(turn: Turn) {
        return [this.own, turn];
      },
    };
    const agent = defineAgent(definition);
    const turn = {} as Turn;
    expect(agent.run?.(turn)).toEqual([41, turn]);
    expect(agent).toStrictEqual({ ...everything, run: agent.run });
  });

  it.each<[string, object, string]>([
    ["a name", { name: "Q A" }, "an agent's name must match"],
    ["names of targets", { handsTo: ["code", "../x"] }, "an agent's name must match"],
    ["a list of targets", { handsTo: "code" }, "handsTo"],
    ["a version that is none", { version: "" }, "version"],
    ["a description that is a text", { description: 7 }, "description"],
    ["whole milliseconds", { deadlineMs: 0.5 }, "deadlineMs"],
  ])("without %s is refused, and told what is wrong", (_what, wrong, words) => {
    const declare = () => declareAgent({ ...everything, ...wrong } as never);
    expect(declare).toThrow("this agent cannot be defined: ");
    expect(declare).toThrow(expect.objectContaining({ message: expect.stringContaining(words) }));
  });
});

describe("what an agent learned", () => {
  it("is said by a function for each kind", () => {
    expect(message(1)).toStrictEqual({ kind: "message", value: 1 });
    expect(output(1)).toStrictEqual({ kind: "output", value: 1 });
    expect(output(1, { name: "n" })).toStrictEqual({ kind: "output", name: "n", value: 1 });
    expect(state("s", 1)).toStrictEqual({ kind: "state", name: "s", value: 1 });
    expect(artifact("a", "x")).toStrictEqual({ kind: "artifact", name: "a", data: "x" });
    expect(artifact("a", "x", { mediaType: "m/m" })).toStrictEqual({
      kind: "artifact",
      name: "a",
      data: "x",
      mediaType: "m/m",
    });
  });
});
