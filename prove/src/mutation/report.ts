/** What Stryker reports, as far as it is read here. */
export interface MutationReport {
  readonly files: { readonly [path: string]: MutatedFile };
}

interface MutatedFile {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "Ignored" | "RuntimeError" | "CompileError";
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Both count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Score {
  readonly mutants: number;
  readonly killed: number;
  /** Noticed because the tests no longer ended. */
  readonly timeouts: number;
  readonly survived: number;
  /** Survived too: no test reaches them. */
  readonly noCoverage: number;
  /** How many in a hundred mutants were noticed. */
  readonly score: number;
}

export function scoreOf({ files }: MutationReport): Score {
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (status: Mutant["status"]): number => statuses.filter((each) => each === status).length;
  const [killed, timeouts, survived, noCoverage] = [
    count("Killed"),
    count("Timeout"),
    count("Survived"),
    count("NoCoverage"),
  ];
  const mutants = killed + timeouts + survived + noCoverage;
  const score = Math.round((1000 * (killed + timeouts)) / mutants) / 10;
  return { mutants, killed, timeouts, survived, noCoverage, score };
}

const isUnnoticed = ({ status }: Mutant): boolean => status === "Survived" || status === "NoCoverage";

/** One line for each mutant that no test noticed. */
export function describeSurvivors({ files }: MutationReport): string[] {
  return Object.entries(files).flatMap(([path, { source, mutants }]) => {
    const lines = source.split("\n");
    return mutants.filter(isUnnoticed).map(({ status, location: { start }, mutatorName, replacement = "" }) => {
      const line = lines[start.line - 1]?.trim() ?? "";
      return `${path}:${start.line}:${start.column} ${status} ${mutatorName} → ${replacement} | ${line}`;
    });
  });
}

/** Where in the files the mutants stand that no test noticed, as Stryker's `mutate` wants it. */
export function placesOfSurvivors({ files }: MutationReport): string[] {
  const places = Object.entries(files).flatMap(([path, { mutants }]) =>
    mutants.filter(isUnnoticed).map(({ location: { start, end } }) => {
      return `${path}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
    }),
  );
  return [...new Set(places)];
}

/** A report in which what a later run noticed is noticed. */
export function merge(first: MutationReport, later: MutationReport): MutationReport {
  const files = Object.entries(first.files).map(([path, file]) => {
    const again = new Map(later.files[path]?.mutants.map((mutant) => [identityOf(mutant), mutant]));
    const mutants = file.mutants.map((mutant) =>
      isUnnoticed(mutant) ? (again.get(identityOf(mutant)) ?? mutant) : mutant,
    );
    return [path, { ...file, mutants }] as const;
  });
  return { ...first, files: Object.fromEntries(files) };
}

function identityOf({ mutatorName, replacement, location: { start, end } }: Mutant): string {
  return JSON.stringify([mutatorName, replacement, start.line, start.column, end.line, end.column]);
}
