import { isJsonObject, type Json, RESERVED_KEY } from "./json.js";

/** Binary data that is stored beside a value, named by its hash. */
export interface BlobReference {
  /** Lower-case hex sha256 of the bytes. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** Whether an object is a reference to a blob, and nothing else. */
export function isBlobReference(value: unknown): value is BlobReference {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 2) return false;
  const { sha256, size } = value as Record<string, unknown>;
  return typeof sha256 === "string" && SHA256.test(sha256) && Number.isSafeInteger(size) && (size as number) >= 0;
}

/** Every blob that an encoded value names, each once, so that a reader can fetch them before it decodes. */
export function blobReferences(json: Json): readonly BlobReference[] {
  const found = new Map<string, BlobReference>();
  const waiting: Json[] = [json];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (isJsonObject(next) && Object.hasOwn(next, RESERVED_KEY) && next[RESERVED_KEY] === "bytes") {
      const blob = next.blob;
      if (isBlobReference(blob)) found.set(blob.sha256, blob);
      continue;
    }
    for (const child of Object.values(next)) {
      if (typeof child === "object" && child !== null) waiting.push(child);
    }
  }
  return [...found.values()];
}
