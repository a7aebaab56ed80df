import { z } from "zod";
import { codingCorpus } from "./coding-corpus.js";
import type { Corpus } from "./corpus.js";
import { researchCorpus } from "./research-corpus.js";

export const corpusNameSchema: z.ZodEnum<{ coding: "coding"; research: "research" }> = z.enum(["coding", "research"]);

export type CorpusName = z.infer<typeof corpusNameSchema>;

/** The corpora by name, read when they are asked for. */
export const CORPORA: { readonly [name in CorpusName]: () => Corpus } = {
  coding: codingCorpus,
  research: researchCorpus,
};
