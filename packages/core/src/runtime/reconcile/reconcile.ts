import { completeAudit } from "../audit/complete-audit.js";
import type { RelayEnvironment } from "../environment.js";
import { mayBeDue, rememberProspect } from "./outlook.js";
import { type IntentFinding, reconcileIntent } from "./reconcile-intent.js";
import { reconcileTask, type TaskFinding } from "./reconcile-task.js";
import { sweepTask } from "./sweep.js";

export interface ReconcileOptions {
  /**
   * Leave alone what has moved within this many milliseconds. Default: twice the backend's visibility, and of running
   * tasks all in which nothing can be due: no deadline has passed, and silence is no reason yet to send again.
   */
  readonly olderThanMs?: number;
  /** Walk every task of the store, not only those that the audit log lists as open: finds what the log has lost. Default: false. */
  readonly full?: boolean;
  readonly signal?: AbortSignal;
}

export interface ReconcileReport {
  /** Tasks that were looked at. */
  readonly tasks: number;
  readonly resent: number;
  readonly deadlinesPassed: number;
  readonly intentsFinished: number;
  readonly intentsClosed: number;
  /** Audit events that were missing (full walk). */
  readonly eventsAppended: number;
  /** Objects deleted that no handoff of a final task names (full walk). */
  readonly swept: number;
  readonly damaged: readonly { readonly taskId: string; readonly reason: string }[];
  /** Tasks that could not be looked at; the next call tries again. */
  readonly failed: readonly { readonly taskId: string; readonly error: unknown }[];
}

/** Gives liveness where a crash or a lost message left none. Safe to run anywhere, any number at once. */
export async function reconcile(
  environment: RelayEnvironment,
  options: ReconcileOptions = {},
): Promise<ReconcileReport> {
  const { backend, relayId, clock } = environment;
  const olderThanMs = options.olderThanMs ?? 2 * backend.visibilityMs;
  const before = new Date(clock.now() - olderThanMs).toISOString();
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const tally = createTally();
  const looked = new Set<string>();

  for await (const intent of backend.audit.intents(relayId, signal)) {
    if (intent.at <= before)
      await tally.try(intent.taskId, async () => tally.intent(await reconcileIntent(environment, intent)));
  }
  if (options.full === true) {
    for await (const taskId of allTasks(environment, options.signal)) await tally.try(taskId, () => walk(taskId));
    return tally.report();
  }
  const running = new Set<string>();
  for await (const row of backend.audit.tasks(relayId, { status: "running", updatedBefore: before, ...signal })) {
    running.add(row.taskId);
    await tally.try(row.taskId, async () => {
      if (options.olderThanMs !== undefined || (await mayBeDue(environment, row))) await look(row.taskId);
    });
  }
  for await (const { taskId } of backend.audit.tasks(relayId, { damaged: true, ...signal }))
    if (!looked.has(taskId)) await tally.try(taskId, () => look(taskId));
  // Only now, when every row was listed: what is no longer running needs no outlook.
  for (const taskId of environment.outlook.keys()) if (!running.has(taskId)) environment.outlook.delete(taskId);
  return tally.report();

  async function look(taskId: string): Promise<TaskFinding> {
    looked.add(taskId);
    environment.outlook.delete(taskId);
    const finding = await reconcileTask(environment, taskId);
    tally.task(taskId, finding);
    if ("prospect" in finding && finding.prospect !== undefined)
      rememberProspect(environment, taskId, finding.prospect);
    return finding;
  }

  async function walk(taskId: string): Promise<void> {
    const finding = await look(taskId);
    if (!("chain" in finding) || finding.chain === undefined) return;
    tally.full(await completeAudit(environment, finding.chain), await sweepTask(environment, finding.chain));
    environment.chains.delete(taskId);
  }
}

/** Every task that has a slot, each once, in the order of their ids. */
async function* allTasks({ backend, keys }: RelayEnvironment, signal: AbortSignal | undefined): AsyncGenerator<string> {
  let last: string | undefined;
  for await (const key of backend.store.list(keys.slots(), signal === undefined ? {} : { signal })) {
    const taskId = keys.parseSlot(key)?.taskId;
    if (taskId === undefined || taskId === last) continue;
    last = taskId;
    yield taskId;
  }
}

function createTally() {
  let [tasks, resent, deadlinesPassed, intentsFinished, intentsClosed, eventsAppended, swept] = [0, 0, 0, 0, 0, 0, 0];
  const damaged: { taskId: string; reason: string }[] = [];
  const failed: { taskId: string; error: unknown }[] = [];
  return {
    /** One task that cannot be looked at, for whatever reason, must not keep the others from it. */
    async try(taskId: string, look: () => Promise<unknown>): Promise<void> {
      try {
        await look();
      } catch (error) {
        failed.push({ taskId, error });
      }
    },
    intent(finding: IntentFinding): void {
      if (finding === "finished") intentsFinished++;
      if (finding === "closed") intentsClosed++;
    },
    task(taskId: string, finding: TaskFinding): void {
      tasks++;
      if (finding.status === "resent") resent++;
      if (finding.status === "deadline-passed") deadlinesPassed++;
      if (finding.status === "damaged") damaged.push({ taskId, reason: finding.reason });
    },
    full(appended: number, deleted: number): void {
      eventsAppended += appended;
      swept += deleted;
    },
    report: (): ReconcileReport => ({
      tasks,
      resent,
      deadlinesPassed,
      intentsFinished,
      intentsClosed,
      eventsAppended,
      swept,
      damaged,
      failed,
    }),
  };
}
