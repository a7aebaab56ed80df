// Writes the JSON Schemas of what is stored and sent to docs/protocol/schemas, from the schemas that the code reads
// with. With `--check` it writes nothing, and fails when a file is not what it would write.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import {
  entryLineSchema,
  envelopeSchema,
  handoffLineSchema,
  segmentHeaderSchema,
  unversionedSchema,
} from "../src/protocol/index.js";

const root = join(import.meta.dirname, "../../..");
const directory = join(root, "docs/protocol/schemas");

const published = {
  "handoff.schema.json": {
    schema: handoffLineSchema,
    title: "Handoff record",
    description: "The first line of a handoff: the immutable record of one hop.",
  },
  "entry.schema.json": {
    schema: entryLineSchema,
    title: "Entry",
    description:
      "A further line of a handoff: one thing that was learned. A reader passes over kinds that it does not know.",
  },
  "envelope.schema.json": {
    schema: envelopeSchema,
    title: "Envelope",
    description: "The queue message that points at a handoff. It never holds context.",
  },
  "unversioned.schema.json": {
    schema: unversionedSchema,
    title: "Unversioned message",
    description: "The queue message of a producer in another language. It points at a JSON object.",
  },
  "segment.schema.json": {
    schema: segmentHeaderSchema,
    title: "Segment header",
    description: "The line that the first gzip member of a stored segment holds.",
  },
};

function textOf(name: string, { schema, title, description }: (typeof published)[keyof typeof published]): string {
  // What a writer may write: members with a default may be missing.
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" });
  return `${JSON.stringify({ $schema, $id: name, title, description, ...rest }, null, 2)}\n`;
}

const texts = new Map(Object.entries(published).map(([name, each]) => [name, textOf(name, each)]));

function found(name: string): string | undefined {
  const path = join(directory, name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

if (process.argv.includes("--check")) {
  const names = new Set([...texts.keys(), ...(existsSync(directory) ? readdirSync(directory) : [])]);
  const stale = [...names].filter((name) => found(name) !== texts.get(name));
  for (const name of stale) console.error(`${relative(root, join(directory, name))} is not what the code says`);
  if (stale.length > 0) {
    console.error("run `pnpm run protocol`, and look at what changed: others may depend on it");
    process.exitCode = 1;
  }
} else {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of texts) writeFileSync(join(directory, name), text);
  console.log(`wrote ${texts.size} schemas to ${relative(root, directory)}`);
}
