import { gunzipSync, gzipSync, inflateRawSync } from "node:zlib";
import { jsonLineMutation, mutateJson } from "./json.js";
import type { Chance, Mutation } from "./mutation.js";

interface Header {
  frames?: unknown;
}

/** Changes what lies inside a segment, its header or one of its handoffs, and packs it again. */
export const segmentMutation: Mutation = (input, chance) => {
  const members = unpack(input);
  const [head, ...handoffs] = members;
  if (head === undefined) return input;
  let header: unknown;
  try {
    header = JSON.parse(head.toString("utf8"));
  } catch {
    return input;
  }
  if (chance.below(2) === 0) header = mutateJson(header, chance);
  else changeHandoff(handoffs, chance);
  return pack(header, handoffs, chance.below(4) !== 0);
};

function changeHandoff(handoffs: Buffer[], chance: Chance): void {
  if (handoffs.length === 0) return;
  const at = chance.below(handoffs.length);
  const handoff = handoffs[at] ?? Buffer.alloc(0);
  const change = chance.below(10);
  if (change === 0) handoffs.splice(at, 1);
  else if (change === 1) handoffs.splice(at, 0, handoff);
  else if (change === 2) handoffs[at] = Buffer.alloc(chance.oneOf([0, 1, 1_000_000, 20_000_000]), "\n");
  else handoffs[at] = Buffer.from(jsonLineMutation(handoff, chance));
}

/** Packs members again; the header tells the truth about their sizes, or still what it said. */
export function pack(header: unknown, handoffs: readonly Uint8Array[], truthful: boolean): Uint8Array {
  const members = handoffs.map((handoff) => gzipSync(handoff, { level: 1 }));
  const isObject = typeof header === "object" && header !== null && !Array.isArray(header);
  if (truthful && isObject) {
    (header as Header).frames = members.map((member, index) => [member.length, handoffs[index]?.length ?? 0]);
  }
  return Buffer.concat([gzipSync(`${JSON.stringify(header)}\n`, { level: 1 }), ...members]);
}

/** What each gzip member holds; those before the first that does not unpack. */
export function unpack(input: Uint8Array): Buffer[] {
  const members: Buffer[] = [];
  let rest = Buffer.from(input);
  while (rest.length > 18 && members.length < 32) {
    try {
      // Our writers set no optional fields, so the stream begins at byte 10.
      const result: unknown = inflateRawSync(rest.subarray(10), { maxOutputLength: 1_000_000, info: true });
      const { engine } = result as { engine: { bytesWritten: number } };
      const end = 10 + engine.bytesWritten + 8;
      members.push(gunzipSync(rest.subarray(0, end)));
      rest = rest.subarray(end);
    } catch {
      break;
    }
  }
  return members;
}
