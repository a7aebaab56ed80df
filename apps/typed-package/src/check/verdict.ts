import { z } from "zod";

/** What QA leaves for Deploy and for the record: the whole report is in its messages. */
export interface Verdict {
  readonly version: number;
  readonly passed: boolean;
  readonly rows: number;
  readonly rowsAccepted: number;
  readonly corruptedRefused: number;
  readonly summary: string;
}

/** The name of the output that holds it. */
export const VERDICT = "verdict";

export const verdict: z.ZodType<Verdict> = z.object({
  version: z.number(),
  passed: z.boolean(),
  rows: z.number(),
  rowsAccepted: z.number(),
  corruptedRefused: z.number(),
  summary: z.string(),
});
