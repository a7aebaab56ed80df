import { createHash, randomUUID } from "node:crypto";
import type { TaskInput } from "../agents/task-input.js";
import { packageNameFor } from "../model/policies.js";
import { RULE_MODEL_NAME } from "../model/rule-model.js";

const MAX_SLUG = 40;

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, MAX_SLUG);
}

/** Each model has a relay, and so queues, of its own: no worker takes up a task that another model began. */
export function relayIdFor(model: string): string {
  return model === RULE_MODEL_NAME ? "typed-package" : `typed-package-${slug(model)}`;
}

const baseName = ({ file }: TaskInput): string =>
  packageNameFor(file)
    .replace(/^typed-/, "")
    .slice(0, MAX_SLUG);

/** The same file, sampled and driven in the same way, is the same task. */
export function taskIdFor(input: TaskInput): string {
  const { file, sha256, sampleRows, model } = input;
  const hash = createHash("sha256")
    .update(JSON.stringify([file, sha256, sampleRows, model]))
    .digest("hex");
  return `${baseName(input)}-${hash.slice(0, 12)}`;
}

/** A task that nobody has seen before. */
export const freshTaskId = (input: TaskInput, what: string): string =>
  `${baseName(input)}-${what}-${randomUUID().slice(0, 8)}`;
