import type { Backend } from "@agenthandoff/core";
import { playScript } from "./play-script.js";
import { rawHandoffs } from "./raw-handoffs.js";
import { scriptOf } from "./script.js";

/** The bytes of a handoff to which a script adds no message: its record, and an empty input at hop 0. */
export type RecordBytes = (handoff: { readonly hop: number; readonly isLast: boolean }) => number;

/** The bytes around each message. `recordBytes` counts the rest, and `assertHopBytes` proves both. */
export const LINE_BYTES: { readonly messageEntry: number; readonly outputSaves: number; readonly inputItem: number } = {
  messageEntry: Buffer.byteLength('{"kind":"message","value":}\n'),
  /** What the last message of a hop, its output, takes less. */
  outputSaves: "message".length - "output".length,
  // A comma; the first has none, which `recordBytes` makes up for.
  inputItem: Buffer.byteLength(","),
};

const REHEARSED_HOPS = 12;

/**
 * Learns how long records are by playing a short chain without messages. A record's length depends on its hop only by
 * the number of its digits.
 */
export async function measureRecords(backend: Backend): Promise<RecordBytes> {
  await playScript({ backend, script: scriptOf(REHEARSED_HOPS) });
  const raw = await rawHandoffs(backend.store);
  const bytesOf = (hop: number): number => raw[hop]?.length ?? 0;
  const aDigit = bytesOf(10) - bytesOf(9);
  const isLastAdds = bytesOf(11) - bytesOf(10);
  return ({ hop, isLast }) => {
    if (hop === 0) return bytesOf(0) - LINE_BYTES.inputItem;
    return bytesOf(9) + aDigit * (String(hop).length - 1) + (isLast ? isLastAdds : 0);
  };
}
