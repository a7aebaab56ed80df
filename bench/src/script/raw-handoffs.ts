import { gunzipSync } from "node:zlib";
import type { ContextStore } from "@agenthandoff/core";
import { z } from "zod";
import { RELAY_ID, TASK_ID } from "./scripted-relay.js";

const LF = 0x0a;
const headerSchema = z.object({ frames: z.array(z.tuple([z.number(), z.number()])).min(1) });

/** The bytes of each handoff of a chain as they were hashed, read from the slots as anybody could: `gunzip`, then lines. */
export async function rawHandoffs(store: ContextStore): Promise<readonly Uint8Array[]> {
  const handoffs: Uint8Array[] = [];
  for await (const key of store.list(`${RELAY_ID}/slots/${TASK_ID}/`)) {
    const bytes = await store.get(key);
    if (bytes === undefined) throw new Error(`${key} is listed, but not there`);
    handoffs.push(ownHandoff(bytes));
  }
  return handoffs;
}

/** A segment's last handoff is that of its own hop; the ones before are copies. */
function ownHandoff(segment: Uint8Array): Uint8Array {
  const unpacked = gunzipSync(segment);
  const { frames } = headerSchema.parse(JSON.parse(unpacked.subarray(0, unpacked.indexOf(LF)).toString("utf8")));
  const ownBytes = frames.at(-1)?.[1] ?? 0;
  return unpacked.subarray(unpacked.length - ownBytes);
}

/** @throws Error when a handoff has another length than the benchmark says */
export function assertHopBytes(handoffs: readonly Uint8Array[], bytesPerHop: number): void {
  for (const [hop, { length }] of handoffs.entries()) {
    if (length !== bytesPerHop) throw new Error(`the handoff of hop ${hop} has ${length} bytes, not ${bytesPerHop}`);
  }
}
