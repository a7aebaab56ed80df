import { setTimeout as delay } from "node:timers/promises";
import { eventSource, type Invocation, type LambdaFunction, lambdaFunction } from "@agenthandoff/test-servers/lambda";
import { type AwsSettings, clientsOf } from "./aws-backend.js";
import type { CrewMember } from "./crew-member.js";
import { type KillPoint, type NewLife, pickPoint } from "./doomed-relay.js";
import { toEnvironment } from "./function-settings.js";
import { type JournalLine, readJournal } from "./journal.js";
import { FUNCTION_TIMEOUT_MS } from "./places.js";

const MAX_RANDOM_MS = 300;
/** How long to wait for a message: where none comes, no process of the function is there to be killed. */
const PATIENCE_MS = 3_000;
const IDLE_MS = 50;
const BATCH_SIZE = 4;

/** Of the processes from now on, the first that comes to this point is killed. */
interface Order {
  readonly killAt: KillPoint;
  readonly expiresAt: number;
  report(journal: readonly JournalLine[] | undefined): void;
}

/**
 * A Lambda function fed from the queues of all agents, one batch at a time, each in a process of its own. When one was
 * killed, its messages come back, and the next poll starts another.
 */
export function hireFunction(
  backend: AwsSettings,
  { bundle, newLife }: { readonly bundle: string; readonly newLife: NewLife },
): CrewMember {
  const clients = clientsOf(backend.endpoints);
  const [dismissed, abandoned] = [new AbortController(), new AbortController()];
  let order: Order | undefined;
  const target: LambdaFunction = { name: "crash", invoke };
  const sources = Object.values(backend.resources.queues).map(({ url }) =>
    eventSource({ client: clients.sqs, queueUrl: url, target, batchSize: BATCH_SIZE }),
  );
  const fed = feed().finally(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  // Whoever waits for it is told.
  fed.catch(() => {});

  async function feed(): Promise<void> {
    while (!dismissed.signal.aborted) {
      let came = false;
      for (const source of sources) {
        if ((await source.poll({ waitSeconds: 0 })) !== undefined) came = true;
        if (order !== undefined && order.expiresAt < Date.now()) carryOut(order, undefined);
      }
      if (!came) await delay(IDLE_MS);
    }
  }

  async function invoke(event: unknown): Promise<Invocation> {
    const mine = order;
    const life = newLife({ killAt: mine?.killAt ?? "none", countdown: 1 });
    const kill = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const each = lambdaFunction({
      bundle,
      timeoutMs: FUNCTION_TIMEOUT_MS,
      environment: toEnvironment({ backend, ...life }),
    });
    const invocation = await each.invoke(event, {
      signal: AbortSignal.any([kill.signal, abandoned.signal]),
      onStarted: () => {
        if (mine?.killAt === "none") timer = setTimeout(() => kill.abort(), Math.random() * MAX_RANDOM_MS);
      },
    });
    clearTimeout(timer);
    const { status, log } = invocation;
    if (status === "died" && mine !== undefined) carryOut(mine, readJournal(life.journal));
    else if (status === "error" || (status === "died" && !abandoned.signal.aborted))
      throw new Error(`a function that nobody killed ${status === "died" ? "died" : "failed"}: ${log}`, {
        cause: invocation,
      });
    return invocation;
  }

  function carryOut(done: Order, journal: readonly JournalLine[] | undefined): void {
    order = undefined;
    done.report(journal);
  }

  return {
    isFunction: true,
    async kill() {
      const carriedOut = new Promise<readonly JournalLine[] | undefined>((report) => {
        order = { killAt: pickPoint(), expiresAt: Date.now() + PATIENCE_MS, report };
      });
      return await Promise.race([carriedOut, fed.then(() => undefined)]);
    },
    async dismiss() {
      dismissed.abort();
      await fed;
    },
    async abandon() {
      dismissed.abort();
      abandoned.abort();
      await fed.catch(() => {});
    },
  };
}
