import type { Clock } from "@agenthandoff/core";
import type { MemoryData } from "@agenthandoff/core/memory";

/** One fault of a driver, planted in one that has none. */
export interface Fault<Port> {
  /** What the driver does wrong. */
  readonly what: string;
  /** The promises that this breaks, all of them, by id. */
  readonly breaks: readonly string[];
  /** Called once for each fixture; gives what is done to each handle on it. */
  plant(data: MemoryData, clock: Clock): (port: Port) => Port;
}

/** A fault that needs nothing but the handle it is planted in. */
export function fault<Port>(
  what: string,
  breaks: readonly string[],
  plant: (port: Port) => Partial<Port>,
): Fault<Port> {
  return { what, breaks, plant: () => (port) => ({ ...port, ...plant(port) }) };
}

/** The values of an iterable that comes later, one at a time. */
export async function* from<Value>(values: Promise<Iterable<Value>>): AsyncGenerator<Value> {
  yield* await values;
}
