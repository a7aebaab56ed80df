import type { StructuredToolInterface } from "@langchain/core/tools";
import { tool } from "langchain";
import { z } from "zod";
import { generatePackage } from "../generate/generate.js";
import { columnSpec, type PackageSpec, packageSpec } from "../generate/spec.js";
import { type PackageDesk, packageDesk } from "./package-desk.js";
import { toolText } from "./tool-text.js";

async function write(
  desk: PackageDesk,
  runtime: unknown,
  spec: PackageSpec,
  changed: readonly string[],
): Promise<string> {
  const files = await generatePackage(spec);
  const version = desk.save(runtime, spec, files);
  return toolText({ version, files: Object.keys(files), columns: spec.columns.length, changed });
}

const writePackage = tool(async (spec, runtime) => write(packageDesk, runtime, packageSpec.parse(spec), []), {
  name: "write_package",
  description:
    "Write the whole package from what Research found: the zod schema, the type of a row, the streaming loader, its tests and its README. " +
    "Give every column that Research found, in order. Be as strict as the findings allow.",
  schema: packageSpec,
});

const amendPackage = tool(
  async ({ columns, remove }, runtime) => {
    const current = packageDesk.current(runtime)?.spec;
    if (!current) throw new Error("there is no package to amend; call write_package first");
    const changes = new Map(columns.map((column) => [column.name, column]));
    const kept = current.columns
      .filter(({ name }) => !remove?.includes(name))
      .map((column) => changes.get(column.name) ?? column);
    const added = columns.filter(({ name }) => !current.columns.some((column) => column.name === name));
    return write(packageDesk, runtime, { ...current, columns: [...kept, ...added] }, [
      ...changes.keys(),
      ...(remove ?? []),
    ]);
  },
  {
    name: "amend_package",
    description:
      "Write the next version of the package after QA has handed it back. Give the new definition of each column that QA found fault with, " +
      "made from what QA observed over all rows; every other column stays as it is.",
    schema: z.object({
      columns: z.array(columnSpec).describe("new definitions of columns, also of columns that were missing"),
      remove: z.array(z.string()).optional().describe("columns that the file does not have"),
    }),
  },
);

/** Code's tools. None of them can read the task's file: they take what the model says, which has it from the record. */
export const codeTools: readonly StructuredToolInterface[] = [writePackage, amendPackage];
