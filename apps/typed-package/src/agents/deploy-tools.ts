import type { Context } from "@agenthandoff/core";
import { type AgentMemory, handoffFrom } from "@agenthandoff/langchain-adapter";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { tool } from "langchain";
import { z } from "zod";
import { VERDICT, type Verdict, verdict } from "../check/verdict.js";
import { type PackedPackage, packPackage } from "../pack/pack-package.js";
import { type PackageVersion, packageFilesIn, packageIn } from "./package-desk.js";
import { renderReport } from "./render-report.js";
import { taskInput } from "./task-input.js";
import { toolText } from "./tool-text.js";

/** What Deploy leaves for whoever started the task. */
export interface Delivery {
  /** The artifact that holds the tarball. */
  readonly tarball: string;
  /** The artifact that holds the report. */
  readonly report?: string | undefined;
  /** Of the tarball. */
  readonly sha256: string;
  readonly packageName: string;
}

export const DELIVERY = "delivery";
export const REPORT_FILE = "report.md";

export const delivery: z.ZodType<Delivery> = z.object({
  tarball: z.string(),
  report: z.string().optional(),
  sha256: z.string(),
  packageName: z.string(),
});

/** Every verdict of QA, the last one last. */
const verdictsIn = (context: Context): Verdict[] =>
  context.outputs({ agent: "qa", name: VERDICT }).map((value) => verdict.parse(value));

/** The version that may be delivered: the last one, and only when QA passed it. */
function passedVersion(context: Context): PackageVersion {
  const current = packageIn(context);
  const last = verdictsIn(context).at(-1);
  if (!current) throw new Error("there is no package to pack");
  if (last?.passed !== true || last.version !== current.version) {
    throw new Error(`QA has not passed version ${current.version}; nothing may be packed`);
  }
  return current;
}

const packed = new WeakMap<AgentMemory, PackedPackage>();

const packTool = tool(
  async (_, runtime) => {
    const memory = handoffFrom(runtime);
    const { version, spec } = passedVersion(memory.context);
    const files = await packageFilesIn(memory.context, version);
    const tarball = await packPackage({ name: spec.name, version: "1.0.0" }, files, memory.signal);
    packed.set(memory, tarball);
    memory.add({ kind: "artifact", name: tarball.fileName, data: tarball.bytes, mediaType: "application/gzip" });
    return toolText({
      tarball: tarball.fileName,
      bytes: tarball.bytes.length,
      sha256: tarball.sha256,
      install: `npm install ./${tarball.fileName}`,
    });
  },
  {
    name: "pack_package",
    description: "Compile and pack the version that QA passed, as npm pack does. Refuses any other.",
    schema: z.object({}),
  },
);

const reportTool = tool(
  async ({ summary }, runtime) => {
    const memory = handoffFrom(runtime);
    const { version, spec } = passedVersion(memory.context);
    const tarball = packed.get(memory);
    if (!tarball) throw new Error("pack the package first: the report names the tarball");
    const { fileName, sha256 } = tarball;
    const report = renderReport({
      input: taskInput.parse(memory.context.input),
      spec,
      version,
      verdicts: verdictsIn(memory.context),
      tarball: { fileName, sha256, bytes: tarball.bytes.length },
      summary,
    });
    const value: Delivery = { tarball: fileName, report: REPORT_FILE, sha256, packageName: spec.name };
    memory.add(
      { kind: "artifact", name: REPORT_FILE, data: report, mediaType: "text/markdown; charset=utf-8" },
      { kind: "output", name: DELIVERY, value },
    );
    return toolText({ report: REPORT_FILE, characters: report.length });
  },
  {
    name: "write_report",
    description:
      "Write the report of the whole task. The facts are filled in; you give the summary that stands on top.",
    schema: z.object({
      summary: z.string().min(1).describe("two to five sentences for whoever asked for the package"),
    }),
  },
);

export const deployTools: readonly StructuredToolInterface[] = [packTool, reportTool];
