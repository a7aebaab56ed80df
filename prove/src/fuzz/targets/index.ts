import type { Target } from "../target.js";

export type Targets = Readonly<Record<string, () => Promise<Target>>>;

/** Everything that makes something of bytes which others may have written; each is loaded only where it is fuzzed. */
export const TARGETS: Targets = {
  json: async () => (await import("./json.js")).jsonTarget,
  values: async () => (await import("./values.js")).valuesTarget,
  langchain: async () => (await import("./langchain.js")).langchainTarget,
  envelope: async () => (await import("./envelope.js")).envelopeTarget,
  producer: async () => (await import("./producer.js")).producerTarget,
  names: async () => (await import("./names.js")).namesTarget,
  text: async () => (await import("./text.js")).textTarget,
  handoff: async () => (await import("./handoff.js")).handoffTarget,
  segment: async () => (await import("./segment.js")).segmentTarget,
  chain: async () => (await import("./chain.js")).chainTarget,
  database: async () => (await import("./database.js")).databaseTarget,
};
