import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ByteSource } from "../formats/byte-source.js";
import { openTable } from "../formats/open-table.js";
import type { Row } from "../formats/table.js";
import type { PackageFiles } from "../generate/generate.js";
import { type ColumnSpec, holdsText, isPlainText, type PackageSpec } from "../generate/spec.js";
import { onlyDatePattern, onlyNumberStyle } from "../profile/conclusions.js";
import type { Observation } from "../profile/observation.js";
import { type TableObserver, tableObserver } from "../profile/observe.js";
import { columnWatch } from "./column-watch.js";
import { compareJsonCell, compareTextCell, own } from "./compare-value.js";
import { compilePackage, runPackageTests } from "./compile.js";
import { type Corruption, corruptions, fileWithRow } from "./corrupt.js";
import { type LoadedRow, runLoader } from "./package-runner.js";
import type { QaReport } from "./report.js";
import { openWorkshop, writeFiles } from "./workshop.js";

export interface CheckOptions {
  readonly files: PackageFiles;
  readonly spec: PackageSpec;
  readonly input: ByteSource;
  readonly signal?: AbortSignal;
}

const NOTHING_RUN = {
  rows: 0,
  rowsAccepted: 0,
  corrupted: { tried: 0, refused: 0 },
  plainText: [],
  columns: [],
} as const;

/**
 * Checks a package against the whole file: compiles it, runs its own tests, runs its loader over every row and
 * compares each value with this app's own reading of the file, and runs it over rows with one corrupted cell.
 *
 * @throws InputError when the file itself cannot be read
 */
export async function checkPackage({ files, spec, input, signal }: CheckOptions): Promise<QaReport> {
  await using workshop = await openWorkshop(files);
  const { directory } = workshop;
  const compileErrors = await compilePackage(directory, signal);
  if (compileErrors.length > 0) return { ...NOTHING_RUN, passed: false, compileErrors };
  const testFailure = await runPackageTests(directory, signal);

  const copy = `input.${spec.source.kind}`;
  await pipeline(input.open(), createWriteStream(join(directory, copy)));

  const watch = columnWatch();
  const everyRow = await compareEveryRow({ directory, copy, spec, input, signal, watch });
  const seen = everyRow.observer.result();
  judgeTypes(spec, seen, watch);
  const corrupted = everyRow.goodRow
    ? await tryCorruptedRows({ directory, spec, goodRow: everyRow.goodRow, seen, signal, watch })
    : { tried: 0, refused: 0 };

  const columns = watch.reports(seen);
  return {
    passed: testFailure === undefined && everyRow.fileError === undefined && columns.length === 0,
    rows: everyRow.rows,
    rowsAccepted: everyRow.accepted,
    compileErrors,
    ...(testFailure !== undefined && { testFailure }),
    ...(everyRow.fileError !== undefined && { fileError: everyRow.fileError }),
    corrupted,
    plainText: spec.columns.filter(({ value }) => isPlainText(value)).map(({ name }) => name),
    columns,
  };
}

type Watch = ReturnType<typeof columnWatch>;

interface Pass {
  readonly directory: string;
  readonly spec: PackageSpec;
  readonly signal: AbortSignal | undefined;
  readonly watch: Watch;
}

/** The column a problem belongs to: a nested one is named `column.member`, and names may hold dots themselves. */
function columnOf(name: string, spec: PackageSpec, row: Row): string {
  const known = [...spec.columns.map((column) => column.name), ...Object.keys(row.cells)];
  const fitting = known.filter((column) => name === column || name.startsWith(`${column}.`));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? name;
}

async function compareEveryRow(pass: Pass & { copy: string; input: ByteSource }): Promise<{
  rows: number;
  accepted: number;
  fileError: string | undefined;
  observer: TableObserver;
  goodRow: Row | undefined;
}> {
  const { spec, watch } = pass;
  const table = await openTable(pass.input);
  const observer = tableObserver(0, table.columns ?? []);
  const judge = rowJudge(spec);
  const loader = runLoader(pass.directory, [pass.copy], pass.signal);
  let rows = 0;
  let accepted = 0;
  let fileError: string | undefined;
  let goodRow: Row | undefined;
  try {
    for await (const row of table.rows) {
      rows++;
      observer.add(row.cells);
      if (fileError !== undefined) continue;
      const next = await loader.next();
      const loaded: LoadedRow = next.done
        ? { kind: "file-error", message: `it gave ${rows - 1} rows and no more` }
        : next.value.loaded;
      if (loaded.kind === "file-error") fileError = loaded.message;
      else if (loaded.kind === "refused") {
        for (const { column, message } of loaded.problems) {
          const name = columnOf(column, spec, row);
          const known = spec.columns.some((declared) => declared.name === name);
          const what = column === name ? message : `${column.slice(name.length + 1)}: ${message}`;
          watch.add(name, known ? "refused" : "unknown_column", what, { row: row.number, value: own(row.cells, name) });
        }
      } else {
        accepted++;
        if (judge(row, loaded.value, watch)) goodRow ??= row;
      }
    }
    const extra = fileError === undefined ? await loader.next() : undefined;
    if (extra && !extra.done) {
      fileError =
        extra.value.loaded.kind === "file-error"
          ? extra.value.loaded.message
          : `it gave more rows than the ${rows} of the file`;
    }
  } finally {
    await loader.return(undefined);
  }
  return { rows, accepted, fileError, observer, goodRow };
}

/** Compares one accepted row value for value; false where something differs. */
function rowJudge(
  spec: PackageSpec,
): (row: Row, value: Extract<LoadedRow, { kind: "row" }>["value"], watch: Watch) => boolean {
  const compareCell = holdsText(spec.source) ? compareTextCell : compareJsonCell;
  const declared = new Map(spec.columns.map((column) => [column.name, compareCell(column)]));
  return (row, value, watch) => {
    let same = true;
    for (const name of new Set([...Object.keys(row.cells), ...Object.keys(value)])) {
      const raw = own(row.cells, name);
      if (declared.get(name)?.(raw, own(value, name))) continue;
      same = false;
      watch.add(name, "changed", "the loader's value is not the file's", { row: row.number, value: raw });
    }
    return same;
  };
}

/** What no single row shows: a type that is looser than the file, a date that can be read in two ways, a column that is not there. */
function judgeTypes(spec: PackageSpec, seen: ReadonlyMap<string, Observation>, watch: Watch): void {
  for (const column of spec.columns) {
    const observed = seen.get(column.name);
    if (!observed) watch.add(column.name, "missing_column", "the file has no such column");
    else if (!watch.has(column.name)) judgeType(column, observed, holdsText(spec.source), watch);
  }
}

function judgeType(column: ColumnSpec, observed: Observation, inText: boolean, watch: Watch): void {
  const { text } = observed;
  const plain = isPlainText(column.value);
  // In JSON no text means null: one that is no date makes the column text.
  const datesOnly = text && (inText || (text.empty === 0 && Object.keys(text.placeholders).length === 0));
  const kinds = [observed.text, observed.number, observed.boolean, observed.list, observed.object].filter(
    (kind) => kind !== undefined,
  );
  if (plain && inText && text && onlyNumberStyle(text))
    watch.add(column.name, "too_loose", "every text in it is a number");
  else if (plain && datesOnly && kinds.length === 1 && onlyDatePattern(text))
    watch.add(column.name, "too_loose", "every text in it is a date");
  else if (column.value.kind === "anything" && kinds.length === 1 && (observed.number || observed.boolean || text)) {
    watch.add(column.name, "too_loose", "all its values are of one kind");
  } else if (column.value.kind === "date" && text?.dates && !onlyDatePattern(text)) {
    watch.add(column.name, "ambiguous", "every date in it can be read day first and month first");
  } else if (
    (column.value.kind === "integer" || column.value.kind === "number") &&
    text?.numbers &&
    !onlyNumberStyle(text)
  ) {
    watch.add(column.name, "ambiguous", "every number in it can be read in two ways");
  }
}

async function tryCorruptedRows(
  pass: Pass & { goodRow: Row; seen: ReadonlyMap<string, Observation> },
): Promise<{ tried: number; refused: number }> {
  const { directory, spec, goodRow, seen, watch } = pass;
  const header = [...seen.keys()];
  const all = corruptions(spec.source, spec.columns, seen);
  const name = (index: number) => `corrupted-${index}.${spec.source.kind}`;
  await writeFiles(
    directory,
    Object.fromEntries(
      all.map(({ column, value }, index) => [
        name(index),
        fileWithRow(spec.source, header, { ...goodRow.cells, [column]: value }),
      ]),
    ),
  );
  const outcomes = new Map<number, LoadedRow>();
  if (all.length > 0) {
    for await (const { file, loaded } of runLoader(
      directory,
      all.map((_, index) => name(index)),
      pass.signal,
    ))
      outcomes.set(file, loaded);
  }
  let refused = 0;
  for (const [index, { column, value }] of all.entries()) {
    if (isRefusedFor(column, outcomes.get(index))) refused++;
    else
      watch.add(
        column,
        "accepts_corrupted",
        `it accepts ${JSON.stringify(value)}, which no row of the file could have`,
      );
  }
  return { tried: all.length, refused };
}

const isRefusedFor = (column: Corruption["column"], outcome: LoadedRow | undefined): boolean =>
  outcome?.kind === "refused" &&
  outcome.problems.some((problem) => problem.column === column || problem.column.startsWith(`${column}.`));
