import type { Random } from "@agenthandoff/core";
import type { MessageDraft, ToolCall } from "./agent-message.js";
import { type Corpus, createCorpus } from "./corpus.js";
import { createExcerpts, type Excerpt, pick } from "./excerpts.js";
import { readSources } from "./sources.js";

const SEED = 20_000;

/** Agents that change a TypeScript program: they read files, patch them and run tests. The program is zod's source. */
export function codingCorpus(): Corpus {
  const excerpt = createExcerpts(readSources("zod", "src", /\.ts$/));
  return createCorpus("coding", SEED, (random) => pick(random, [readFile, patch, testRun, remark])(random, excerpt));
}

type Draw = (random: Random) => Excerpt;

const toolCall = (random: Random, name: string, input: object): ToolCall => ({
  id: `call_${random.id()}`,
  name,
  arguments: JSON.stringify(input),
});

function readFile(random: Random, draw: Draw): MessageDraft {
  const { path, line, text } = draw(random);
  const numbered = text.split("\n").map((each, index) => `${line + index}\t${each}`);
  return {
    fields: { id: random.id(), role: "tool", name: "read_file", tool_call_id: `call_${random.id()}` },
    text: `src/${path}\n${numbered.join("\n")}`,
  };
}

function patch(random: Random, draw: Draw): MessageDraft {
  const { path, line, text } = draw(random);
  const lines = text.split("\n").map((each) => `${pick(random, [" ", " ", "-", "+"])}${each}`);
  const header = `--- a/src/${path}\n+++ b/src/${path}\n@@ -${line},${lines.length} +${line},${lines.length} @@\n`;
  return {
    fields: {
      id: random.id(),
      role: "assistant",
      tool_calls: [toolCall(random, "apply_patch", { path: `src/${path}`, base: random.id() })],
    },
    text: `The change below keeps the callers of src/${path} as they are.\n${header}${lines.join("\n")}`,
  };
}

function testRun(random: Random, draw: Draw): MessageDraft {
  const { path, line, text } = draw(random);
  const results = text.split("\n").map((each, index) => {
    const place = `src/${path}:${line + index}`;
    return random.number() < 0.2 ? `  ✗ ${place}\n    ${each}` : `  ✓ ${place} (${Math.ceil(random.number() * 90)} ms)`;
  });
  return {
    fields: { id: random.id(), role: "tool", name: "run_tests", tool_call_id: `call_${random.id()}` },
    // What was tested follows, since a file of few long lines has few results.
    text: `$ vitest run src/${path}\n${results.join("\n")}\n\n${text}`,
  };
}

function remark(random: Random, draw: Draw): MessageDraft {
  const { path, text } = draw(random);
  return {
    fields: {
      id: random.id(),
      role: "assistant",
      tool_calls: [toolCall(random, "read_file", { path: `src/${path}` })],
    },
    text: `Before I go on, here is what src/${path} promises, which the next agent must not break:\n\n${text}`,
  };
}
