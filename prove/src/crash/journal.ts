import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** What a worker was doing, written down before and after, so that it can be read when the worker is dead. */
export type JournalLine =
  | { readonly at: "run"; readonly taskId: string; readonly hop: number }
  | { readonly at: "ran"; readonly taskId: string; readonly hop: number }
  | { readonly at: "committed"; readonly taskId: string; readonly hop: number; readonly sends: boolean }
  | { readonly at: "sent"; readonly taskId: string; readonly hop: number };

/** One `write` call to a file in append mode: what was written survives the process that wrote it. */
export function writeJournal(file: string, line: JournalLine): void {
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function readJournal(file: string): JournalLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JournalLine);
}

/** Where a kill fell, as the dead worker's journal tells. */
export function whereItFell(journal: readonly JournalLine[]): {
  readonly duringRun: boolean;
  readonly betweenCommitAndSend: boolean;
} {
  const running = new Set<string>();
  const unsent = new Set<string>();
  for (const line of journal) {
    const key = `${line.taskId} ${line.hop}`;
    if (line.at === "run") running.add(key);
    if (line.at === "ran") running.delete(key);
    if (line.at === "committed" && line.sends) unsent.add(key);
    if (line.at === "sent") unsent.delete(key);
  }
  return { duringRun: running.size > 0, betweenCommitAndSend: unsent.size > 0 };
}
