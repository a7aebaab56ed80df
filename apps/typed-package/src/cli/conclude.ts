import { join, relative } from "node:path";
import type { Context, Task, TaskResult } from "@agenthandoff/core";
import { VERDICT, type Verdict, verdict } from "../check/verdict.js";
import { auditLines, repeatedSteps } from "./audit-text.js";
import type { CliOptions } from "./options.js";
import { writeAudit, writePackage } from "./output.js";
import { type Printer, printable } from "./printer.js";

/** What `--json` prints. */
export interface Outcome {
  readonly status: TaskResult["status"];
  readonly taskId: string;
  readonly file: string;
  readonly rows: number;
  readonly rowsSampled: number;
  /** Why QA handed the package back, once for each time. */
  readonly handedBack: readonly string[];
  readonly package: string | undefined;
  readonly sha256: string | undefined;
  readonly audit: string;
  readonly reason: string | undefined;
  /** Nothing was run: the task had ended before. */
  readonly hadEnded: boolean;
  /** Agents that ran more than once for the same handoff. */
  readonly repeated: readonly { readonly agent: string; readonly hop: number; readonly attempts: number }[];
}

const verdictsIn = (context: Context): Verdict[] =>
  context.outputs({ agent: "qa", name: VERDICT }).map((value) => verdict.parse(value));

export interface Ending {
  readonly task: Task;
  readonly result: TaskResult;
  readonly options: CliOptions;
  readonly printer: Printer;
  readonly hadEnded: boolean;
  readonly rows: number;
}

/** Writes the results and shows what happened. */
export async function conclude({ task, result, options, printer, hadEnded, rows }: Ending): Promise<Outcome> {
  const [events, verification] = [await task.audit(), await task.verify()];
  const folder = join(options.out, task.id);
  const audit = await writeAudit(folder, task.id, events, verification);
  const context = result.status === "erased" ? undefined : await task.context();
  const written = result.status === "completed" && context ? await writePackage(folder, context) : undefined;
  const verdicts = context ? verdictsIn(context) : [];
  const { repeated, once } = repeatedSteps(events);

  printer.line();
  printer.line("audit trail");
  for (const text of auditLines(events)) printer.line(`  ${text}`);
  printer.line(
    verification.ok
      ? `  verified: ${verification.hops} handoffs, ${verification.blobs} blobs, all hashes hold`
      : "  NOT INTACT: see the audit file",
  );
  printer.line();
  if (options.crash !== undefined || repeated.length > 0) {
    for (const { agent, hop, attempts } of repeated)
      printer.line(`repeated      ${agent} (handed over at hop ${hop}): attempts ${attempts.join(", ")}`);
    printer.line(`not repeated  ${once.map(({ agent, hop }) => `${agent} (hop ${hop})`).join(", ") || "none"}`);
    printer.line();
  }
  const { reason } = result.status === "erased" ? { reason: "its content was erased" } : result;
  if (result.status === "completed") {
    const back = verdicts.filter(({ passed }) => !passed);
    printer.line(
      `QA handed the package back ${back.length === 1 ? "once" : `${back.length} times`}; in the end ${verdicts.at(-1)?.summary ?? "it passed"}.`,
    );
    printer.line(`sha256 of the tarball: ${written?.delivery.sha256}`);
    printer.line(`report: ${shown(join(folder, written?.delivery.report ?? "report.md"))}`);
  } else {
    printer.line(`${result.status}: ${printable(reason ?? "")}`);
    const error = result.status === "failed" ? result.error : undefined;
    if (error) printer.line(`last error: ${printable(`${error.name}: ${error.message}`)}`);
    if (result.status === "failed")
      printer.line("Nothing is lost. When the cause is gone, go on with the same command and --retry.");
  }
  return {
    status: result.status,
    taskId: task.id,
    file: options.file,
    rows,
    rowsSampled: Math.min(rows, options.sampleRows),
    handedBack: verdicts.filter(({ passed }) => !passed).map(({ summary }) => summary),
    package: written?.path,
    sha256: written?.delivery.sha256,
    audit,
    reason,
    hadEnded,
    repeated: repeated.map(({ agent, hop, attempts }) => ({ agent, hop, attempts: attempts.length })),
  };
}

/** As short as it can be typed where the user stands. */
export function shown(path: string, standing: string = process.env.INIT_CWD ?? process.cwd()): string {
  const short = relative(standing, path);
  return short.startsWith("..") ? path : short;
}
