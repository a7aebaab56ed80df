import { HandoffError } from "@agenthandoff/core";

/** An error of ours says what to do, and so does a list of servers that are missing; anything else is a fault. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError) return error.message;
  if (HandoffError.isInstance(error)) return `${error.name}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * What a process does, from its first line to its exit code. Whoever reads its output may go (`| head`): the work is
 * done all the same, since half a piece of work would help nobody.
 */
export async function runProcess(work: () => Promise<unknown>): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    process.exitCode = 1;
  }
}
