/**
 * The values of several sources that are each ascending, ascending. The first of each are asked for at once, so that
 * many sources take hardly longer than one.
 */
export async function* mergeAscending<Value>(
  sources: readonly AsyncIterable<Value>[],
  keyOf: (value: Value) => string,
): AsyncGenerator<Value, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      const least = indexOfLeast(heads, keyOf);
      const head = heads[least];
      const iterator = iterators[least];
      if (head === undefined || head.done === true || iterator === undefined) return;
      yield head.value;
      heads[least] = await iterator.next();
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

function indexOfLeast<Value>(
  heads: readonly IteratorResult<Value, unknown>[],
  keyOf: (value: Value) => string,
): number {
  let least = -1;
  let leastKey: string | undefined;
  for (const [index, head] of heads.entries()) {
    if (head.done === true) continue;
    const key = keyOf(head.value);
    if (leastKey !== undefined && key >= leastKey) continue;
    least = index;
    leastKey = key;
  }
  return least;
}

/** Of values that follow each other with the same key, the first. */
export async function* distinct<Value>(
  values: AsyncIterable<Value>,
  keyOf: (value: Value) => string,
): AsyncGenerator<Value, void> {
  let last: string | undefined;
  for await (const value of values) {
    const key = keyOf(value);
    if (key !== last) yield value;
    last = key;
  }
}
