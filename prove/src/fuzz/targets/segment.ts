import { gunzipSync } from "node:zlib";
import { decompressHandoff, parseSegment, serializeSegment } from "../../../../packages/core/src/protocol/segment.js";
import { storeChain } from "../../../../packages/core/src/protocol/testing/sample-chain.js";
import { segmentMutation } from "../mutate/segment.js";
import { law, type Target } from "../target.js";
import { IDENTITY, sampleHandoffs } from "./sample.js";

/** The hop that every input is read as the slot of. */
const HOP = 3;

/** A slot's object: within what it announces, and as any other tool unpacks it. */
export const segmentTarget: Target = {
  name: "segment",
  async seeds() {
    const chain = sampleHandoffs();
    const segments = storeChain(chain);
    return [segments[HOP], segments[HOP - 1], segments[0]].filter((each) => each !== undefined);
  },
  words: ["\x1f\x8b\x08\x00", '"frames":[]', '"refs":[0,1,2]', '"erased":true', '"v":2', "\n"],
  mutations: [segmentMutation],
  run(input) {
    const segment = parseSegment(input, { taskId: IDENTITY.taskId, hop: HOP });
    const handoffs = Buffer.concat(segment.frames.map(decompressHandoff));
    const again = parseSegment(serializeSegment(segment), { taskId: IDENTITY.taskId, hop: HOP });
    law(Buffer.concat(again.frames.map(decompressHandoff)).equals(handoffs), "a segment reads back");
    const unpacked = gunzipSync(input);
    law(unpacked.subarray(unpacked.length - handoffs.length).equals(handoffs), "gunzip reads what is read here");
  },
};
