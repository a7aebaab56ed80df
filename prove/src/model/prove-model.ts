import { availableParallelism } from "node:os";
import { MODEL_MUTANTS, type ModelMutant } from "./mutants.js";
import { type Bound, check, type Question, readModel } from "./spin.js";

/** A bound of the model, and what is asked of it. */
export interface Search {
  readonly question: Question;
  readonly bound: Bound;
}

export interface ProveModelOptions {
  readonly searches?: readonly Search[];
  readonly mutants?: readonly ModelMutant[];
  readonly onProgress?: (line: string) => void;
}

export interface ModelProof {
  readonly searches: readonly (Search & {
    readonly states: number;
    readonly depth: number;
    readonly seconds: number;
  })[];
  readonly states: number;
  readonly violations: number;
  /** Steps of the model that no search took: what they say was not checked. */
  readonly unreached: readonly string[];
  readonly mutants: { readonly killed: number; readonly total: number };
}

const SMALL: Bound = { slots: 4, workers: 2, operators: 1, calls: 2, faults: 1 };

/** What CI checks. */
export const SEARCHES: readonly Search[] = [
  { question: "invariants", bound: { ...SMALL, faults: 2 } },
  { question: "invariants", bound: { ...SMALL, workers: 1, operators: 2 } },
  { question: "progress", bound: SMALL },
];
/** Larger worlds: minutes, and gigabytes. */
export const LARGE_SEARCHES: readonly Search[] = [
  { question: "invariants", bound: { ...SMALL, faults: 3 } },
  { question: "invariants", bound: { ...SMALL, slots: 5, calls: 3, faults: 2 } },
  { question: "invariants", bound: { ...SMALL, workers: 1, operators: 2, faults: 2 } },
  { question: "invariants", bound: { ...SMALL, operators: 2 } },
  { question: "progress", bound: { ...SMALL, faults: 2 } },
];

/** Checks the model of the protocol exhaustively within its bounds, and that each of its mutants is found out. */
export async function proveModel(options: ProveModelOptions = {}): Promise<ModelProof> {
  const { searches = SEARCHES, mutants = MODEL_MUTANTS, onProgress = () => {} } = options;
  const model = await readModel();
  const done = await inLanes(searches, async (search) => {
    const started = performance.now();
    const verdict = await check(model, search.bound, search.question);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const { violation } = verdict;
    onProgress(`${describe(search)}: ${verdict.states} states, ${violation === undefined ? "holds" : "VIOLATED"}`);
    if (violation !== undefined)
      for (const line of [...violation.steps, `${violation.invariant}: ${violation.what}`]) onProgress(line);
    return { search, verdict, seconds };
  });
  const outcomes = await inLanes(mutants, async (mutant) => {
    const by = await killedBy(model, mutant);
    onProgress(by === undefined ? `SURVIVED: ${mutant.name} (${mutant.breaks})` : `killed: ${mutant.name}, by ${by}`);
    return by;
  });
  return {
    searches: done.map(({ search, verdict: { states, depth }, seconds }) => ({ ...search, states, depth, seconds })),
    states: done.reduce((sum, { verdict }) => sum + verdict.states, 0),
    violations: done.filter(({ verdict }) => verdict.violation !== undefined).length,
    unreached: common(
      done.filter(({ search }) => search.question === "invariants").map(({ verdict }) => verdict.unreached),
    ),
    mutants: { killed: outcomes.filter((by) => by !== undefined).length, total: mutants.length },
  };
}

/** The invariant that finds a mutant out, if any does. */
async function killedBy(model: string, { name, find, replace, bound }: ModelMutant): Promise<string | undefined> {
  if (model.split(find).length !== 2) throw new Error(`the text of the mutant "${name}" stands not once in the model`);
  // Asking for progress asks for the invariants too.
  const { violation } = await check(
    model.replace(find, () => replace),
    { ...SMALL, ...bound },
    "progress",
    { quick: true },
  );
  return violation?.invariant;
}

function describe({ question, bound }: Search): string {
  return `${question} with ${Object.entries(bound)
    .map(([name, value]) => `${value} ${name}`)
    .join(", ")}`;
}

/** What stands in every list. */
function common(lists: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = lists;
  return first.filter((each) => others.every((list) => list.includes(each)));
}

async function inLanes<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await act(items[index] as Item);
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), items.length) }, lane));
  return results;
}
