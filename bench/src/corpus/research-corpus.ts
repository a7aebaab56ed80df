import type { Random } from "@agenthandoff/core";
import type { MessageDraft } from "./agent-message.js";
import { type Corpus, createCorpus } from "./corpus.js";
import { createExcerpts, type Excerpt, pick } from "./excerpts.js";
import { readSources, type SourceFile } from "./sources.js";

const SEED = 10_000;
const LARGEST_DATA_SET = 2_100_000;

/**
 * Agents that read documents and data and write down what they found. The prose is Node's documentation as it stands
 * in the comments of `@types/node`, the data are `vega-datasets`.
 */
export function researchCorpus(): Corpus {
  const prose = createExcerpts(readSources("@types/node", ".", /^[^/]*\.d\.ts$/).map(commentsOf));
  const data = createExcerpts(
    readSources("vega-datasets", "data", /\.(csv|tsv|json)$/).filter(({ text }) => text.length <= LARGEST_DATA_SET),
  );
  return createCorpus("research", SEED, (random) =>
    random.number() < 0.6 ? finding(random, prose) : queryResult(random, data),
  );
}

/** The text of a file's comments, as it would be printed. */
function commentsOf({ path, text }: SourceFile): SourceFile {
  // A line with a star; not the one that ends the comment.
  const lines = [...text.matchAll(/^\s*\*(?!\/) ?(.*)$/gm)].map(([, line = ""]) => line);
  return { path, text: lines.join("\n") };
}

type Draw = (random: Random) => Excerpt;

function finding(random: Random, draw: Draw): MessageDraft {
  const { path, text } = draw(random);
  const tokens = String(Math.ceil(random.number() * 4_000));
  return {
    fields: {
      id: random.id(),
      role: pick(random, ["assistant", "assistant", "user"]),
      source: path,
      model: "example-model-1",
      output_tokens: tokens,
    },
    text,
  };
}

function queryResult(random: Random, draw: Draw): MessageDraft {
  const { path, line, text } = draw(random);
  return {
    fields: { id: random.id(), role: "tool", name: "read_rows", tool_call_id: `call_${random.id()}` },
    text: `rows of ${path} from line ${line}:\n${text}`,
  };
}
