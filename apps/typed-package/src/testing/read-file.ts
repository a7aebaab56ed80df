import { type ByteSource, bytesOf } from "../formats/byte-source.js";
import { openTable } from "../formats/open-table.js";
import type { Row } from "../formats/table.js";

export type Cells = Row["cells"];

/** Every row of a source. Throws where a row's number is not its place. */
export async function readAll(source: ByteSource): Promise<Cells[]> {
  const rows: Cells[] = [];
  for await (const row of (await openTable(source)).rows) {
    if (row.number !== rows.length + 1) throw new Error(`row ${rows.length + 1} says that it is row ${row.number}`);
    rows.push(row.cells);
  }
  return rows;
}

export const readText = (name: string, ...chunks: (string | Uint8Array)[]): Promise<Cells[]> =>
  readAll(bytesOf(name, ...chunks));

export interface GeneratedSource extends ByteSource {
  /** How many bytes were asked for. */
  pulled: number;
}

/** A source of `bytes` bytes or more, made while it is read. */
export function generated(
  name: string,
  head: string,
  chunk: (index: number) => string,
  bytes: number,
): GeneratedSource {
  return {
    name,
    pulled: 0,
    async *open() {
      yield Buffer.from(head);
      for (let made = 0, index = 0; made < bytes; index++) {
        const part = Buffer.from(chunk(index));
        made += part.length;
        this.pulled = made;
        yield part;
      }
    },
  };
}
