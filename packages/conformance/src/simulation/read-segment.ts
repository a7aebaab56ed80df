import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Decision } from "@agenthandoff/core";

/** A handoff as anybody can read it: `gunzip -c | tail`. The checker reads the bytes itself, not with the code it checks. */
export interface ReadHandoff {
  readonly hop: number;
  readonly sha256: string;
  readonly previous: string | null;
  readonly attempt: string | null;
  readonly requestId: string | undefined;
  readonly decision: Decision;
  readonly erased: boolean;
  /** Whether only the newer version understands it. */
  readonly newer: boolean;
}

export function readSegment(bytes: Uint8Array, hop: number): ReadHandoff {
  const text = gunzipSync(bytes).toString("utf8");
  const firstEnd = text.indexOf("\n");
  const header = JSON.parse(text.slice(0, firstEnd)) as {
    erased?: boolean;
    frames: readonly (readonly [number, number])[];
  };
  const own = header.frames.at(-1);
  if (header.erased || own === undefined)
    return {
      hop,
      sha256: "",
      previous: null,
      attempt: null,
      requestId: undefined,
      decision: { kind: "cancel" },
      erased: true,
      newer: false,
    };
  const unpacked = Buffer.from(text, "utf8");
  const raw = unpacked.subarray(unpacked.length - own[1]);
  const record = JSON.parse(raw.subarray(0, raw.indexOf(10)).toString("utf8")) as {
    previous: string | null;
    attempt: string | null;
    request_id?: string;
    decision: Decision;
    v: number;
    requires: readonly string[];
    classes: readonly string[];
  };
  return {
    hop,
    sha256: createHash("sha256").update(raw).digest("hex"),
    previous: record.previous,
    attempt: record.attempt,
    requestId: record.request_id,
    decision: record.decision,
    erased: false,
    newer: record.v > 1 || record.requires.length > 0 || record.classes.length > 0,
  };
}
