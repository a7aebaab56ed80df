/** What Stryker reports, as far as it is read here. */
export interface MutationReport {
  readonly files: { readonly [path: string]: { readonly source: string; readonly mutants: readonly Mutant[] } };
}

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status:
    | "Killed"
    | "Timeout"
    | "Survived"
    | "NoCoverage"
    | "Ignored"
    | "RuntimeError"
    | "CompileError"
    | "Pending";
  readonly location: { readonly start: Place; readonly end: Place };
}

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
  /** Of the mutants, how many in a hundred were noticed. */
  readonly score: number;
  readonly seconds?: number;
}

export function scoreOf(report: MutationReport): Score {
  const statuses = Object.values(report.files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (status: Mutant["status"]): number => statuses.filter((each) => each === status).length;
  const [killed, timeouts, survived, noCoverage] = [
    count("Killed"),
    count("Timeout"),
    count("Survived"),
    count("NoCoverage"),
  ];
  const mutants = killed + timeouts + survived + noCoverage;
  return {
    mutants,
    killed,
    timeouts,
    survived,
    noCoverage,
    score: Math.round((1000 * (killed + timeouts)) / mutants) / 10,
  };
}

/** One line for each mutant that no test noticed. */
export function survivorsOf(report: MutationReport): string[] {
  return Object.entries(report.files).flatMap(([path, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status === "Survived" || status === "NoCoverage")
      .map(({ status, location: { start }, mutatorName, replacement = "" }) => {
        const line = source.split("\n")[start.line - 1]?.trim() ?? "";
        return `${path}:${start.line}:${start.column} ${status} ${mutatorName} ${replacement} | ${line}`;
      }),
  );
}
