/** How many rows are read at once. */
export const PAGE_ROWS = 200;

/**
 * Yields the rows of a query page by page, so that a long listing neither fills the memory nor holds a read
 * transaction open, which would keep the log from being emptied.
 */
export async function* pages<Row>(
  page: (last: Row | undefined) => Promise<readonly Row[]>,
  signal?: AbortSignal,
): AsyncGenerator<Row, void> {
  let last: Row | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const rows = await page(last);
    for (const row of rows) {
      signal?.throwIfAborted();
      yield row;
    }
    last = rows.at(-1);
    if (rows.length < PAGE_ROWS) return;
  }
}
