import { z } from "zod";
import type { ColumnFinding, FileFinding } from "../agents/research-tools.js";
import { observation } from "../profile/observation.js";

export const fileFinding: z.ZodType<FileFinding> = z.object({
  file: z.string(),
  bytes: z.number(),
  kind: z.enum(["csv", "tsv", "json", "ndjson"]),
  delimiter: z.string().optional(),
  member: z.string().optional(),
  rowsSampled: z.number(),
  complete: z.boolean(),
  columns: z.array(z.string()),
});

export const columnFindings: z.ZodType<ColumnFinding[]> = z.array(
  z.object({ column: z.string(), seen: observation, oddities: z.array(z.string()) }),
);
