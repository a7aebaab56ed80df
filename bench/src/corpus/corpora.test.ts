import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AgentMessage, jsonBytes } from "./agent-message.js";
import { CORPORA, corpusNameSchema } from "./corpora.js";

const OVERHEAD = 27;
const textOf = (messages: readonly AgentMessage[]): string => messages.map(({ content }) => content).join("\n");

describe.each(corpusNameSchema.options)("the corpus %s", (name) => {
  const corpus = CORPORA[name]();

  it("gives messages of exactly as many bytes as were asked for", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 1_000, max: 60_000 }), (hop, bytes) => {
        const messages = corpus.messagesOf(hop, bytes, OVERHEAD);
        expect(messages.reduce((sum, message) => sum + jsonBytes(message) + OVERHEAD, 0)).toBe(bytes);
      }),
      { numRuns: 50 },
    );
  });

  it("gives the same messages each time, and others at every hop", () => {
    const again = CORPORA[name]();
    const texts = Array.from({ length: 20 }, (_, hop) => textOf(corpus.messagesOf(hop, 20_000, OVERHEAD)));
    expect(textOf(again.messagesOf(7, 20_000, OVERHEAD))).toBe(texts[7]);
    expect(new Set(texts).size).toBe(20);
  });

  it("cuts no character in half, and has text enough for every message", () => {
    for (let hop = 0; hop < 100; hop++) {
      for (const { content } of corpus.messagesOf(hop, 20_000, OVERHEAD)) {
        expect(Buffer.from(content, "utf8").toString("utf8")).toBe(content);
        // The rest of a text that was too short is filled with spaces; deep indentation may be cut, too.
        expect(content.length - content.trimEnd().length).toBeLessThan(60);
      }
    }
  });
});

it("the corpora share no text", () => {
  const lines = corpusNameSchema.options.map(
    (name) =>
      new Set(
        textOf(CORPORA[name]().messagesOf(3, 20_000, 0))
          .split("\n")
          .filter((line) => line.length > 20),
      ),
  );
  const [first = new Set(), second = new Set()] = lines;
  expect(Math.min(first.size, second.size)).toBeGreaterThan(20);
  expect([...first].filter((line) => second.has(line))).toEqual([]);
});
