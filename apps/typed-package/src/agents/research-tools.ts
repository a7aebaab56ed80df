import { handoffFrom } from "@agenthandoff/langchain-adapter";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { tool } from "langchain";
import { z } from "zod";
import { openTable } from "../formats/open-table.js";
import type { Cell, Row } from "../formats/table.js";
import type { Observation } from "../profile/observation.js";
import { tableObserver } from "../profile/observe.js";
import { oddities } from "../profile/oddities.js";
import { inputOf, taskInput } from "./task-input.js";
import { toolText } from "./tool-text.js";

/** As many columns a call, so that a result stays readable. */
export const MAX_COLUMNS_A_CALL = 12;
const MAX_SHOWN_ROWS = 20;
const MAX_SHOWN_TEXT = 200;

/** What Research may say about the file as a whole. */
export interface FileFinding {
  readonly file: string;
  readonly bytes: number;
  readonly kind: "csv" | "tsv" | "json" | "ndjson";
  readonly delimiter?: string | undefined;
  /** The JSON member that holds the rows. */
  readonly member?: string | undefined;
  readonly rowsSampled: number;
  /** Whether the sample is the whole file. */
  readonly complete: boolean;
  readonly columns: readonly string[];
}

export interface ColumnFinding {
  readonly column: string;
  readonly seen: Observation;
  readonly oddities: readonly string[];
}

interface Sample {
  readonly finding: FileFinding;
  readonly rows: readonly Row[];
  readonly columns: ReadonlyMap<string, Observation>;
}

/** The first rows of the task's file, and what they show. Nothing beyond them is looked at. */
async function readSample(runtime: unknown): Promise<Sample> {
  const { context } = handoffFrom(runtime);
  const { sampleRows, bytes } = taskInput.parse(context.input);
  const source = inputOf(context);
  const table = await openTable(source);
  const observer = tableObserver(0, table.columns ?? []);
  const rows: Row[] = [];
  let complete = true;
  for await (const row of table.rows) {
    if (rows.length === sampleRows) {
      complete = false;
      break;
    }
    rows.push(row);
    observer.add(row.cells);
  }
  const columns = observer.result();
  const finding: FileFinding = {
    file: source.name,
    bytes,
    kind: table.format.kind,
    ...("delimiter" in table.format && { delimiter: table.format.delimiter }),
    ...(table.member !== undefined && { member: table.member }),
    rowsSampled: rows.length,
    complete,
    columns: [...columns.keys()],
  };
  return { finding, rows, columns };
}

function shorten(cell: Cell): Cell {
  if (typeof cell === "string") return cell.length > MAX_SHOWN_TEXT ? `${cell.slice(0, MAX_SHOWN_TEXT)}…` : cell;
  const text = JSON.stringify(cell);
  return text.length > MAX_SHOWN_TEXT ? `${text.slice(0, MAX_SHOWN_TEXT)}…` : cell;
}

const describeFile = tool(async (_, runtime) => toolText((await readSample(runtime)).finding), {
  name: "describe_file",
  description: "Say what the task's file is: its format, its columns, and how many rows are in the sample.",
  schema: z.object({}),
});

const sampleRows = tool(
  async ({ count }, runtime) => {
    const { rows } = await readSample(runtime);
    return toolText(
      rows.slice(0, count).map(({ number, cells }) => ({
        row: number,
        cells: Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, shorten(cell)])),
      })),
    );
  },
  {
    name: "sample_rows",
    description: "Show the first rows of the sample as they stand in the file; long values are cut.",
    schema: z.object({ count: z.number().int().min(1).max(MAX_SHOWN_ROWS).describe("how many rows") }),
  },
);

const profileColumns = tool(
  async ({ columns }, runtime) => {
    const sample = await readSample(runtime);
    const unknown = columns.filter((column) => !sample.columns.has(column));
    if (unknown.length > 0)
      throw new Error(`the file has no column ${unknown.map((name) => JSON.stringify(name)).join(", ")}`);
    const findings = columns.flatMap((column): ColumnFinding[] => {
      const seen = sample.columns.get(column);
      return seen ? [{ column, seen, oddities: oddities(seen) }] : [];
    });
    return toolText(findings);
  },
  {
    name: "profile_columns",
    description:
      "Profile columns over the sample: kinds of values, ranges, lengths, different values, date patterns, formats, empty cells and words " +
      `that may mean "no value", and what is odd. At most ${MAX_COLUMNS_A_CALL} columns a call; call it until every column is done.`,
    schema: z.object({
      columns: z.array(z.string()).min(1).max(MAX_COLUMNS_A_CALL).describe("names as describe_file gave them"),
    }),
  },
);

/** Research's tools. What they answer is what Research learned, and all that the others will know of the file. */
export const researchTools: readonly StructuredToolInterface[] = [describeFile, sampleRows, profileColumns];
