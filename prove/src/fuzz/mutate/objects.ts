import { createHash } from "node:crypto";
import type { Mutation } from "./mutation.js";
import { pack, segmentMutation, unpack } from "./segment.js";

/** Several objects as one input: each behind its length, in four bytes. */
export function join(objects: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    objects.flatMap((object) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(object.length);
      return [length, object];
    }),
  );
}

export function split(input: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(input);
  const objects: Uint8Array[] = [];
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const start = offset + 4;
    offset = start + bytes.readUInt32LE(offset);
    objects.push(Uint8Array.from(bytes.subarray(start, Math.min(offset, bytes.length))));
  }
  return objects;
}

/** Changes one of several segments; then, mostly, every hash that no longer fits, so that readers look further in. */
export const objectsMutation: Mutation = (input, chance) => {
  const objects = split(input);
  if (objects.length === 0) return input;
  const at = chance.below(objects.length);
  const object = objects[at] ?? new Uint8Array(0);
  const change = chance.below(10);
  if (change === 0) objects.splice(at, 1);
  else if (change === 1) objects.splice(at, 0, object);
  else if (change === 2) objects[at] = new Uint8Array(0);
  else objects[at] = segmentMutation(object, chance);
  return join(chance.below(4) === 0 ? objects : relink(objects));
};

/** Every slot as a run of one, each handoff naming the hash of the one before it. */
function relink(objects: readonly Uint8Array[]): Uint8Array[] {
  let previous: string | null = null;
  return objects.map((object, hop) => {
    const members = unpack(object);
    const header = members[0];
    const own = members.at(-1);
    if (header === undefined || own === undefined || members.length < 2) return object;
    const linked = link(own, previous);
    previous = createHash("sha256").update(linked).digest("hex");
    const refs = Array.from({ length: hop }, (_, ref) => ref);
    try {
      return pack({ ...(JSON.parse(header.toString("utf8")) as object), first: hop, refs }, [linked], true);
    } catch {
      return object;
    }
  });
}

function link(handoff: Uint8Array, previous: string | null): Uint8Array {
  const text = Buffer.from(handoff).toString("latin1");
  const value = previous === null ? "null" : `"${previous}"`;
  return Buffer.from(text.replace(/"previous":(?:null|"[0-9a-f]{64}")/, `"previous":${value}`), "latin1");
}
