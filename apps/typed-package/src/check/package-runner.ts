import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ENCODE_SOURCE, type Encoded } from "./encoded-value.js";
import { linesOfNode } from "./run-process.js";

/** What the loader made of one row, or why it gave up on the file. */
export type LoadedRow =
  | { readonly kind: "row"; readonly value: Readonly<Record<string, Encoded>> }
  | { readonly kind: "refused"; readonly problems: readonly { readonly column: string; readonly message: string }[] }
  | { readonly kind: "file-error"; readonly message: string };

const encoded: z.ZodType<Encoded> = z.custom<Encoded>();
const loadedRow: z.ZodType<LoadedRow | { kind: "end" }> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("row"), value: z.record(z.string(), encoded) }),
  z.object({ kind: z.literal("refused"), problems: z.array(z.object({ column: z.string(), message: z.string() })) }),
  z.object({ kind: z.literal("file-error"), message: z.string() }),
  z.object({ kind: z.literal("end") }),
]);

const SCRIPT = `import { once } from "node:events";
import { readRows } from "./dist/index.js";

${ENCODE_SOURCE}

const write = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
for (const path of process.argv.slice(2)) {
  try {
    const onInvalid = (error) => write({ kind: "refused", problems: error.problems });
    for await (const row of readRows(path, { onInvalid })) {
      if (!write({ kind: "row", value: encode(row) })) await once(process.stdout, "drain");
    }
  } catch (error) {
    write({ kind: "file-error", message: String(error?.message ?? error) });
  }
  write({ kind: "end" });
}
`;

/** A loader that streams needs little, whatever the size of the file. */
const MAX_HEAP_MB = 256;

/**
 * Runs a compiled package over files, in a process of its own with little memory. Yields, file after file, what its
 * loader made of each row, in order.
 */
export async function* runLoader(
  directory: string,
  files: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<{ readonly file: number; readonly loaded: LoadedRow }, void, undefined> {
  const script = "check-every-row.mjs";
  await writeFile(join(directory, script), SCRIPT);
  let file = 0;
  for await (const line of linesOfNode([`--max-old-space-size=${MAX_HEAP_MB}`, script, ...files], {
    directory,
    signal,
  })) {
    const loaded = loadedRow.parse(JSON.parse(line));
    if (loaded.kind === "end") file++;
    else yield { file, loaded };
  }
  if (file !== files.length) throw new Error("the loader's process ended before it had read every file");
}
