// Run in a process of its own, recorded: `node player.ts <role> <directory> <tasks>`.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Backend,
  BackendUnusableError,
  type Clock,
  HandoffError,
  hasCode,
  NonRetryableError,
  type Relay,
  systemClock,
  type Task,
} from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import { DATABASE_FILE } from "../../../packages/local/src/connections.js";
import { openSqlite } from "../../../packages/local/src/sqlite.js";
import { crashRelay, type Work } from "../crash/scenario.js";
import { type Report, report } from "./report.js";
import { stage } from "./stage.js";
import { askRelay, isToFail, type RecordedTask, recordedTasks, SECRET, TROUBLED_VARIABLE } from "./tasks.js";

const [role = "", directory = "", count = ""] = process.argv.slice(2);
const tasks = recordedTasks(Number(count));
const tell = (told: Report) => report(directory, told);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
// Whoever records this has ended, perhaps in a hurry.
process.stdin.resume().once("end", () => process.exit(1));
process.stdin.unref();

const isTroubled = process.env[TROUBLED_VARIABLE] !== undefined;

/** Of a troubled process the clock jumps, by more than a lease lasts. */
let jumpedMs = 0;
if (isTroubled) setInterval(() => (jumpedMs = Math.round((Math.random() - 0.5) * 6_000)), 200).unref();
const clock: Clock = { now: () => systemClock.now() + jumpedMs, sleep: systemClock.sleep };
const openBackend = (): Backend =>
  local({ directory, visibilityMs: 2_000, clock, ...(isTroubled && { busyTimeoutMs: 100 }) });
const backend = isTroubled ? await insisted(openBackend) : openBackend();
const crash = crashRelay(backend, work, undefined, { clock });

async function work({ taskId, hop, context }: Parameters<Work>[0]): Promise<void> {
  tell({ what: "ran", relayId: "crash", taskId, hop, commitId: context.handoffs.at(-1)?.commitId ?? "" });
  if (isToFail(taskId, hop)) throw new NonRetryableError("not yet");
}
const ask = askRelay(backend, (ran) => tell({ what: "ran", relayId: "ask", ...ran }), { clock });
const relayOf = ({ relayId }: RecordedTask): Relay => (relayId === "ask" ? ask : crash) as Relay;

const roles: { readonly [name: string]: () => Promise<void> } = {
  async worker() {
    const options = { signal: stop.signal, concurrency: 3, reconcileEveryMs: 1_000 };
    await Promise.all([crash.worker(options), ask.worker(options)]);
  },

  /** Starts every task and does with it what its story says. */
  async caller() {
    await Promise.all(tasks.map(play));
  },

  /** The same, one task after the other. */
  async quietCaller() {
    for (const task of tasks) await play(task);
  },

  staged: () => stage({ directory, backend, tasks, tell }),

  /** Does every task, and begins it anew whenever a call fails as it may be tried again: each call may be repeated. */
  async stubbornCaller() {
    await Promise.all(
      tasks.map((task) =>
        insisted(async () => {
          await play(task).catch((error: unknown) => {
            if (!hasCode(error, "TASK_ERASED")) throw error;
          });
        }),
      ),
    );
  },

  /** Locks everybody else out for longer than they wait, again and again, and reads for as long meanwhile. */
  async holder() {
    const connection = openSqlite(join(directory, DATABASE_FILE));
    for (const begin of alternately("BEGIN IMMEDIATE", "BEGIN")) {
      await delay(400);
      if (stop.signal.aborted) break;
      try {
        connection.execute(begin);
        connection.all("SELECT count(*) FROM objects");
        await delay(250);
        connection.execute("COMMIT");
      } catch {
        // Somebody else was faster.
      }
    }
    connection.close();
  },

  /** Looks at every task over and over. */
  async watcher() {
    while (!stop.signal.aborted) {
      for (const task of tasks) await look(task).catch(ignoreAbsent);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },

  /** Starts every task once more, which succeeds wherever the other start has come to, and follows it. */
  async follower() {
    await Promise.all(
      tasks.map(async (task) => {
        await start(task).catch(ignoreAbsent);
        await follow(task);
      }),
    );
  },
};

async function start(recorded: RecordedTask): Promise<Task> {
  const { relayId, taskId, story, assignment } = recorded;
  const artifacts = story === "erased" ? [{ name: "secret.txt", data: SECRET.repeat(200) }] : [];
  const to = relayId === "ask" ? "asker" : "alpha";
  const task = await relayOf(recorded).start({ to, input: assignment, taskId, artifacts });
  tell({ what: "started", relayId, taskId });
  return task;
}

async function play(recorded: RecordedTask): Promise<void> {
  const { relayId, taskId, story, assignment } = recorded;
  const about = { relayId, taskId };
  const task = await start(recorded);
  const cancel = async () => {
    await task.cancel({ reason: "no longer wanted" });
    tell({ what: "canceled", ...about });
  };
  if (story === "canceled") await cancel();
  for (;;) {
    const result = await task.result();
    if (result.status === "erased") return;
    tell({ what: "shown", by: "result", ...about, hop: result.hop, sha256: result.head });
    const { head } = result;
    if (result.status === "failed") {
      await task.retry({ head });
      tell({ what: "retried", ...about, head });
    } else if (result.status === "waiting" && story === "abandoned") {
      await cancel();
    } else if (result.status === "waiting") {
      await task.resume({ head, answer: assignment.seed });
      tell({ what: "resumed", ...about, head });
    } else if (story === "erased") {
      await task.erase();
      tell({ what: "erased", ...about });
    } else return;
  }
}

async function look(recorded: RecordedTask): Promise<void> {
  const { relayId, taskId } = recorded;
  const task = relayOf(recorded).task(taskId);
  const { hop, head } = await task.head();
  tell({ what: "shown", by: "head", relayId, taskId, hop, sha256: head });
  const events = (await task.audit()).map(({ id }) => id);
  tell({ what: "audited", relayId, taskId, events });
}

async function follow(recorded: RecordedTask): Promise<void> {
  const { relayId, taskId } = recorded;
  for (let seen: string | undefined; !stop.signal.aborted; ) {
    try {
      const after = seen === undefined ? {} : { after: seen };
      for await (const { cursor, hop, sha256 } of relayOf(recorded)
        .task(taskId)
        .watch({ ...after, signal: stop.signal })) {
        tell({ what: "shown", by: "watch", relayId, taskId, hop, sha256 });
        seen = cursor;
      }
      return;
    } catch (error) {
      ignoreAbsent(error);
      if (hasCode(error, "TASK_ERASED")) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Does something over and over until it succeeds, as long as it may be tried again. */
async function insisted<Result>(work: () => Result): Promise<Awaited<Result>> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!mayBeRepeated(error)) throw error;
      await delay(20);
    }
  }
}

/** Also where the disk was read-only: somebody has made it writable since. */
function mayBeRepeated(error: unknown): boolean {
  if (!HandoffError.isInstance(error)) return false;
  const reasons = [error, error.cause].filter((each) => each instanceof BackendUnusableError);
  return error.retryable || hasCode(error, "HEAD_MOVED") || reasons.some(({ reason }) => reason === "read-only");
}

function* alternately(...values: readonly string[]): Generator<string> {
  for (;;) yield* values;
}

function ignoreAbsent(error: unknown): void {
  if (stop.signal.aborted || hasCode(error, "TASK_NOT_FOUND") || hasCode(error, "TASK_ERASED")) return;
  throw error;
}

// What a broken process leaves undone when it ends is no failure of the play.
if (process.env.POWER_CUT_MUTANT !== undefined) process.on("unhandledRejection", () => {});
const perform = roles[role];
if (perform === undefined) throw new Error(`there is no role ${role}`);
process.stdout.write("ready\n");
await perform();
await backend.close();
