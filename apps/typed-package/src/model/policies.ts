import { z } from "zod";
import { MAX_COLUMNS_A_CALL } from "../agents/research-tools.js";
import { type QaReport, qaReport, summarize } from "../check/report.js";
import { holdsText, type PackageSpec, packageSpec } from "../generate/spec.js";
import { amend } from "./amend.js";
import { decideColumn } from "./decide.js";
import { columnFindings, fileFinding } from "./findings.js";
import { type RecordEntry, resultsOf, statesOf } from "./record.js";

/** What the model says next. Without a call, the agent's turn ends. */
export interface Move {
  readonly say: string;
  readonly call?: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
}

/** One finished tool call of this turn. */
export interface OwnResult {
  readonly tool: string;
  readonly text: string;
  readonly failed: boolean;
}

/** All that a move is decided from: the record as the messages show it, and this turn's own results. */
export interface Situation {
  readonly record: readonly RecordEntry[];
  readonly own: readonly OwnResult[];
  /** The agents that it may hand to. */
  readonly targets: readonly string[];
}

export type Policy = (situation: Situation) => Move;

const MAX_REASON = 600;

const shorten = (text: string): string => (text.length <= MAX_REASON ? text : `${text.slice(0, MAX_REASON)}…`);

function call(say: string, name: string, args: Readonly<Record<string, unknown>>): Move {
  return { say, call: { name, args } };
}

const parseOwn = <T>({ text }: OwnResult, schema: z.ZodType<T>): T => schema.parse(JSON.parse(text));

function failureOf(own: readonly OwnResult[]): Move | undefined {
  const last = own.at(-1);
  return last?.failed ? { say: `I cannot go on: ${last.tool} failed. ${last.text}` } : undefined;
}

const research: Policy = ({ own }) => {
  const failed = failureOf(own);
  if (failed) return failed;
  const described = own.find(({ tool }) => tool === "describe_file");
  if (!described) return call("First I find out what the file is.", "describe_file", {});
  if (!own.some(({ tool }) => tool === "sample_rows"))
    return call("Now a look at some rows.", "sample_rows", { count: 5 });
  const file = parseOwn(described, fileFinding);
  const profiled = own
    .filter(({ tool }) => tool === "profile_columns")
    .flatMap((result) => parseOwn(result, columnFindings));
  const done = new Set(profiled.map(({ column }) => column));
  const next = file.columns.filter((column) => !done.has(column)).slice(0, MAX_COLUMNS_A_CALL);
  if (next.length > 0) return call(`Profiling ${next.length} columns.`, "profile_columns", { columns: next });
  const odd = profiled
    .filter(({ oddities }) => oddities.length > 0)
    .map(({ column, oddities }) => `${column}: ${oddities.join(", ")}`);
  const scope = file.complete ? `all ${file.rowsSampled} rows` : `the first ${file.rowsSampled} rows`;
  const reason = `Profiled ${file.columns.length} columns of ${file.file} over ${scope}.${odd.length > 0 ? ` Odd: ${odd.join("; ")}.` : ""}`;
  return call("Every column is profiled.", "transfer_to_code", { reason: shorten(reason) });
};

/** `Movies 2.json` → `typed-movies-2`. */
export function packageNameFor(file: string): string {
  const slug = file
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `typed-${slug.slice(0, 60) || "rows"}`;
}

const packageState: z.ZodType<{ version: number; spec: PackageSpec }> = z.object({
  version: z.number(),
  spec: packageSpec,
});
const writeResult: z.ZodType<{ version: number; changed: string[] }> = z.object({
  version: z.number(),
  changed: z.array(z.string()),
});

function firstVersion(record: readonly RecordEntry[]): Move {
  const file = resultsOf(record, "describe_file", fileFinding).at(-1)?.value;
  if (!file) return { say: "I cannot write the package: the record holds no description of the file." };
  const found = new Map(
    resultsOf(record, "profile_columns", columnFindings).flatMap(({ value }) =>
      value.map((finding) => [finding.column, finding.seen] as const),
    ),
  );
  const missing = file.columns.filter((column) => !found.has(column));
  if (missing.length > 0)
    return { say: `I cannot write the package: the record holds no profile of ${missing.join(", ")}.` };
  const { kind, delimiter, member } = file;
  const source = {
    file: file.file,
    kind,
    ...(delimiter !== undefined && { delimiter }),
    ...(member !== undefined && { member }),
  };
  const columns = [...found].map(([name, seen]) => decideColumn(name, seen, holdsText({ file: file.file, kind })));
  const args = { name: packageNameFor(file.file), source, rowsSampled: file.rowsSampled, columns };
  return call(`I write the first version from ${file.rowsSampled} sampled rows.`, "write_package", args);
}

function nextVersion(record: readonly RecordEntry[], spec: PackageSpec, report: QaReport): Move {
  if (report.compileErrors.length > 0 || report.testFailure !== undefined) {
    return { say: `I cannot mend this by amending columns: ${summarize(report)}` };
  }
  const amended = new Map<string, number>();
  for (const { value } of resultsOf(record, "amend_package", writeResult)) {
    for (const column of value.changed) amended.set(column, (amended.get(column) ?? 0) + 1);
  }
  const changes = amend(spec.columns, report.columns, amended, holdsText(spec.source));
  if (changes.columns.length === 0 && changes.remove.length === 0)
    return { say: `I have nothing to amend: ${summarize(report)}` };
  const names = [...changes.columns.map(({ name }) => name), ...changes.remove];
  return call(`I amend ${names.join(", ")} from what QA observed over all rows.`, "amend_package", { ...changes });
}

/** What a person said who did not let the package out. */
const refusal: z.ZodType<{ reason: string }> = z.object({ reason: z.string() });

const words = (text: string): string => ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ")} `;

/** All that these rules understand of what a person asks for: that a column that is named takes any text. */
function askedVersion(spec: PackageSpec, reason: string): Move {
  const named = spec.columns.filter(
    ({ name, value }) =>
      words(reason).includes(words(name)) && (value.kind === "enum" || (value.kind === "text" && value.format)),
  );
  if (named.length === 0) {
    const what = `I find no column in it that could take any text, and change nothing: ${reason}`;
    return call(what, "transfer_to_qa", { reason: shorten(what) });
  }
  const columns = named.map((column) => ({ ...column, value: { kind: "text" } }));
  return call(`As was asked, ${named.map(({ name }) => name).join(", ")} takes any text.`, "amend_package", {
    columns,
  });
}

const code: Policy = ({ record, own }) => {
  const failed = failureOf(own);
  if (failed) return failed;
  const written = own.at(-1);
  if (written) {
    const { version, changed } = parseOwn(written, writeResult);
    const what = changed.length > 0 ? `amends ${changed.join(", ")}` : "is written from what research found";
    return call("The version is written.", "transfer_to_qa", {
      reason: shorten(`Version ${version} ${what}. Check it against every row.`),
    });
  }
  const current = statesOf(record, "package", packageState).at(-1);
  const report = resultsOf(record, "check_package", qaReport).at(-1);
  if (!current) return firstVersion(record);
  const refused = statesOf(record, "release", refusal).at(-1);
  if (refused && refused.hop > current.hop) return askedVersion(current.value.spec, refused.value.reason);
  if (!report || report.hop < current.hop)
    return { say: "I cannot amend the package: the record holds no report of QA on it." };
  return nextVersion(record, current.value.spec, report.value);
};

const qa: Policy = ({ own, targets }) => {
  const failed = failureOf(own);
  if (failed) return failed;
  const checked = own.find(({ tool }) => tool === "check_package");
  if (!checked) return call("I check the package against every row.", "check_package", {});
  const report = parseOwn(checked, qaReport);
  const reason = shorten(summarize(report));
  return report.passed
    ? call("It passes.", `transfer_to_${targets.find((target) => target !== "code") ?? "deploy"}`, { reason })
    : call("It does not pass.", "transfer_to_code", { reason });
};

function summaryOf(record: readonly RecordEntry[]): string {
  const file = resultsOf(record, "describe_file", fileFinding).at(-1)?.value;
  const reports = resultsOf(record, "check_package", qaReport).map(({ value }) => value);
  const back = reports.filter(({ passed }) => !passed);
  const last = reports.at(-1);
  const lines = [
    `${file?.file ?? "The file"} has ${last?.rows ?? "an unknown number of"} rows and ${file?.columns.length ?? "an unknown number of"} columns; ` +
      `the first version was made from ${file?.rowsSampled ?? "a sample of"} of them.`,
    back.length === 0
      ? "QA passed the first version."
      : `QA handed it back ${back.length === 1 ? "once" : `${back.length} times`}, because of ${back.flatMap(({ columns }) => columns.map(({ column }) => column)).join(", ")}.`,
    ...(last ? [`In the end ${summarize(last)}.`] : []),
    "The agents were driven by the offline, rule-based model.",
  ];
  return lines.join(" ");
}

const packResult: z.ZodType<{ tarball: string; sha256: string }> = z.object({
  tarball: z.string(),
  sha256: z.string(),
});

const deploy: Policy = ({ record, own }) => {
  const failed = failureOf(own);
  if (failed) return failed;
  const packed = own.find(({ tool }) => tool === "pack_package");
  if (!packed) return call("I pack the version that QA passed.", "pack_package", {});
  if (!own.some(({ tool }) => tool === "write_report"))
    return call("Now the report.", "write_report", { summary: summaryOf(record) });
  const { tarball, sha256 } = parseOwn(packed, packResult);
  return { say: `${tarball} is packed (sha256 ${sha256}) and the report is written.` };
};

/** Which part to play follows from the tools that are at hand. */
export const POLICIES: readonly { readonly tool: string; readonly policy: Policy }[] = [
  { tool: "profile_columns", policy: research },
  { tool: "write_package", policy: code },
  { tool: "check_package", policy: qa },
  { tool: "pack_package", policy: deploy },
];
