import { gzipSync } from "node:zlib";

/** How many bytes and requests a way of storing a chain takes. */
export interface SchemeCount {
  readonly bytesWritten: number;
  readonly puts: number;
  /** Of the hop that needs most. */
  readonly maxGets: number;
  readonly rounds: number;
}

/** As the runtime compresses. */
const GZIP_LEVEL = 1;
/** Whoever hydrates also looks whether the next hop is taken. */
const PROBE = 1;

/** Each hop's handoff compressed once and kept by itself: nothing that keeps it all can write less this way. */
export function floorOf(handoffs: readonly Uint8Array[]): SchemeCount {
  return {
    bytesWritten: sum(handoffs.map((raw) => gzipSync(raw, { level: GZIP_LEVEL }).length)),
    puts: handoffs.length,
    // The last hop reads all before it.
    maxGets: handoffs.length - 1 + PROBE,
    rounds: 1,
  };
}

/** What agent frameworks do by default: at each hop the whole history as one JSON array, uncompressed. */
export function wholeHistoryOf(handoffs: readonly Uint8Array[]): SchemeCount {
  let elements = 0;
  let bytesWritten = 0;
  for (const [hop, raw] of handoffs.entries()) {
    elements += Buffer.byteLength(JSON.stringify(handoffAsJson(raw)));
    const commas = hop;
    bytesWritten += elements + commas + "[]".length;
  }
  return { bytesWritten, puts: handoffs.length, maxGets: 1 + PROBE, rounds: 1 };
}

/** A handoff's lines as one JSON value. */
export function handoffAsJson(raw: Uint8Array): unknown {
  const lines = Buffer.from(raw).toString("utf8").trimEnd().split("\n");
  return lines.map((line): unknown => JSON.parse(line));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
