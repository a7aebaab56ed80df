import { parseEntries, parseHandoff, serializeHandoff } from "../../../../packages/core/src/protocol/handoff-bytes.js";
import { jsonLineMutation } from "../mutate/json.js";
import { law, type Target } from "../target.js";
import { sampleHandoffs } from "./sample.js";
import { JSON_WORDS } from "./words.js";

/** A handoff's bytes: what was read is written the same way for ever. */
export const handoffTarget: Target = {
  name: "handoff",
  seeds: async () => sampleHandoffs().map(({ raw }) => raw),
  words: [
    ...JSON_WORDS,
    ...["kind", "handoff", "complete", "cancel", "fail", "wait", "message", "artifact", "media_type", "sha256", "size"],
    ...["requires", "classes", "blobs", "origin", "options", "deadline_ms", "usage", "\n", "\r\n", '{"kind":"new"}\n'],
  ],
  mutations: [jsonLineMutation],
  run(input) {
    const { record, raw } = parseHandoff(input);
    const entries = parseEntries(raw);
    const again = serializeHandoff(record, entries);
    const same = serializeHandoff(parseHandoff(again.raw).record, parseEntries(again.raw));
    law(same.sha256 === again.sha256, "what was read is written the same way for ever");
  },
};
