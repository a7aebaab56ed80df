import type { Verdict } from "../check/verdict.js";
import { markdown } from "../generate/literals.js";
import { typeInWords } from "../generate/render-types.js";
import type { PackageSpec } from "../generate/spec.js";
import type { TaskInput } from "./task-input.js";

export interface ReportFacts {
  readonly input: TaskInput;
  readonly spec: PackageSpec;
  readonly version: number;
  readonly verdicts: readonly Verdict[];
  readonly tarball: { readonly fileName: string; readonly sha256: string; readonly bytes: number };
  readonly summary: string;
}

const number = new Intl.NumberFormat("en");

/** Deploy's report, for people. Equal facts give equal bytes. */
export function renderReport({ input, spec, version, verdicts, tarball, summary }: ReportFacts): string {
  const rounds = verdicts.map(
    (verdict) => `| ${verdict.version} | ${verdict.passed ? "passed" : "handed back"} | ${markdown(verdict.summary)} |`,
  );
  const columns = spec.columns.map(
    (column) => `| ${markdown(column.name)} | ${markdown(typeInWords(column))} | ${column.nullable ? "yes" : "no"} |`,
  );
  const rows = verdicts.at(-1)?.rows ?? 0;
  return `# ${spec.name}

${summary.trim()}

| | |
|---|---|
| input | ${markdown(input.file)}, ${number.format(input.bytes)} bytes, sha256 \`${input.sha256}\` |
| rows | ${number.format(rows)}, of which Research saw ${number.format(spec.rowsSampled)} |
| package | \`${tarball.fileName}\`, ${number.format(tarball.bytes)} bytes, sha256 \`${tarball.sha256}\` |
| version of the code | ${version} |
| model | ${markdown(input.model)} |

Install it with \`npm install ./${tarball.fileName}\`.

## What QA found

| version | verdict | reasons |
|---|---|---|
${rounds.join("\n")}

## Columns

| column | type | may be null |
|---|---|---|
${columns.join("\n")}
`;
}
