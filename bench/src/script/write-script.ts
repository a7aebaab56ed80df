import type { Corpus } from "../corpus/corpus.js";
import { LINE_BYTES, type RecordBytes } from "./record-bytes.js";
import type { Script } from "./script.js";

/** A chain whose every handoff takes exactly `bytesPerHop` bytes before it is compressed, its record included. */
export function writeScript(
  corpus: Corpus,
  options: { readonly hops: number; readonly bytesPerHop: number; readonly recordBytes: RecordBytes },
): Script {
  const { hops, bytesPerHop, recordBytes } = options;
  return {
    hops,
    messagesOf(hop) {
      const bytes = bytesPerHop - recordBytes({ hop, isLast: hop === hops - 1 });
      if (hop === 0) return corpus.messagesOf(hop, bytes, LINE_BYTES.inputItem);
      return corpus.messagesOf(hop, bytes + LINE_BYTES.outputSaves, LINE_BYTES.messageEntry);
    },
  };
}
