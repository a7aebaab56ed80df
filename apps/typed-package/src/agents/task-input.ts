import { createHash } from "node:crypto";
import { basename } from "node:path";
import { type Context, ContextIntegrityError, type NewArtifact } from "@agenthandoff/core";
import { z } from "zod";
import type { ByteSource } from "../formats/byte-source.js";

/** What a task is started with. The file's bytes go along as artifacts; no agent ever learns a path. */
export interface TaskInput {
  /** The base name. */
  readonly file: string;
  readonly bytes: number;
  /** Of the file's bytes, lower-case hex. */
  readonly sha256: string;
  /** How many artifacts hold the file, in order. */
  readonly parts: number;
  /** How many rows Research may look at. */
  readonly sampleRows: number;
  /** What drives the agents: a task keeps its model. */
  readonly model: string;
}

export const taskInput: z.ZodType<TaskInput> = z.object({
  file: z.string().min(1),
  bytes: z.number().int().min(0),
  sha256: z.string(),
  parts: z.number().int().min(1),
  sampleRows: z.number().int().min(1),
  model: z.string().min(1),
});

/** A large file is stored in parts, so that reading it never needs all of it in memory. */
export const PART_BYTES: number = 8 * 1024 * 1024;

/** What readers get at a time. */
const CHUNK_BYTES = 64 * 1024;

const partName = (input: Pick<TaskInput, "file" | "parts">, index: number): string =>
  input.parts === 1 ? input.file : `${input.file}.part-${String(index + 1).padStart(4, "0")}`;

export function describeInput(
  path: string,
  bytes: Uint8Array,
  options: Pick<TaskInput, "sampleRows" | "model">,
): { readonly input: TaskInput; readonly artifacts: readonly Omit<NewArtifact, "kind">[] } {
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  const input: TaskInput = {
    file: basename(path),
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    parts,
    ...options,
  };
  const artifacts = Array.from({ length: parts }, (_, index) => ({
    name: partName(input, index),
    data: bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES),
    mediaType: "application/octet-stream",
  }));
  return { input, artifacts };
}

/**
 * The file of a task, from its context.
 *
 * @throws ContextIntegrityError when reading, where a part is missing
 */
export function inputOf(context: Pick<Context, "input" | "artifacts">): ByteSource {
  const input = taskInput.parse(context.input);
  return {
    name: input.file,
    async *open() {
      // Only what the caller gave: no agent can put another file in its place.
      const given = context.artifacts().filter(({ hop }) => hop === 0);
      for (let index = 0; index < input.parts; index++) {
        const name = partName(input, index);
        const part = given.find((artifact) => artifact.name === name);
        if (!part)
          throw new ContextIntegrityError(`the task's file lacks its part ${name}; start the task anew with the file`);
        const bytes = await part.bytes();
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
      }
    },
  };
}
