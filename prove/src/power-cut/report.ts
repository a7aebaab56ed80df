import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { REPORTS_FILE } from "./recorder.js";

/** What somebody outside was told of a task, after which no power cut may take it back. */
export type Report = { readonly relayId: string; readonly taskId: string } & (
  | { readonly what: "started" | "canceled" | "erased" }
  /** A call that was made on this head has succeeded. */
  | { readonly what: "retried" | "resumed"; readonly head: string }
  /** A hop was shown: by `head`, `watch` or a result. */
  | { readonly what: "shown"; readonly by: string; readonly hop: number; readonly sha256: string }
  /** An agent ran with a context whose last handoff bears this id. */
  | { readonly what: "ran"; readonly hop: number; readonly commitId: string }
  /** The audit log was shown, with these events. */
  | { readonly what: "audited"; readonly events: readonly string[] }
);

/** In one write, at once: in the record it stands where it was made. */
export function report(directory: string, told: Report): void {
  appendFileSync(join(directory, REPORTS_FILE), `${JSON.stringify(told)}\n`);
}
