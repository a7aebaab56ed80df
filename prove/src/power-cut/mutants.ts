/** One way to tell of something before it is synced, or not to sync at all: a line of the backend or of the runtime. */
export interface PowerCutMutant {
  readonly name: string;
  /** The sentence of the design that it breaks. */
  readonly breaks: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const ONE_SYNC = "One sync comes before anything is reported outside: at the send or at the last append of a step.";
const FAILED_SYNC = "After a sync that failed, nothing that was written before it is taken for synced.";
const RETURNS = "And before `start`, `retry`, `resume`, `cancel` return.";

export const POWER_CUT_MUTANTS: readonly PowerCutMutant[] = [
  {
    name: "a send is not synced",
    breaks: ONE_SYNC,
    file: "packages/local/src/queue.ts",
    find: 'await writeDurably({ operation: "send"',
    replace: 'await write({ operation: "send"',
  },
  {
    name: "the last append is not synced",
    breaks: ONE_SYNC,
    file: "packages/local/src/audit.ts",
    find: "return ends ? await writeDurably(call, work) : await write(call, work);",
    replace: "return await write(call, work);",
  },
  {
    name: "a flush does nothing",
    breaks: "`flush` resolves once everything that was read or written before the call survives a power cut.",
    file: "packages/local/src/database.ts",
    find: "if (!isLogTrusted || dataVersion(durable) !== syncedVersion) commitDurably(() => undefined);",
    replace: "",
  },
  {
    name: "a commit that changes nothing does not sync",
    breaks: "`send` has this effect by itself, also where the message is dropped.",
    file: "packages/local/src/database.ts",
    find: 'if (sql.changes === before) sql.run("UPDATE syncs SET count = count + 1");',
    replace: "",
  },
  {
    name: "no connection syncs its commits",
    breaks: "One sync (a second connection with `FULL`) comes before anything is reported outside.",
    file: "packages/local/src/connections.ts",
    find: 'connect("FULL")',
    replace: 'connect("NORMAL")',
  },
  {
    name: "the log is emptied into a database that is not synced",
    breaks: "The WAL is one sequence, so a power cut can only take back a suffix of everything at once.",
    file: "packages/local/src/database.ts",
    find: "return logState(durable, mode);",
    replace:
      'durable.execute("PRAGMA synchronous = OFF"); const state = logState(durable, mode); durable.execute("PRAGMA synchronous = FULL"); return state;',
  },
  {
    name: "a sync that failed is not noticed",
    breaks: FAILED_SYNC,
    file: "packages/local/src/database.ts",
    find: "if (isDiskError(error)) isLogTrusted = false;",
    replace: "",
  },
  {
    name: "after a sync that failed the next is believed",
    breaks: FAILED_SYNC,
    file: "packages/local/src/database.ts",
    find: "if (!isLogTrusted) rewrite(",
    replace: "void String(",
  },
  {
    name: "a handle believes that nobody's sync failed before it came",
    breaks: FAILED_SYNC,
    file: "packages/local/src/database.ts",
    find: "let isLogTrusted = false;",
    replace: "let isLogTrusted = true;",
  },
  {
    name: "what a failed sync left in the log goes into the database",
    breaks: FAILED_SYNC,
    file: "packages/local/src/database.ts",
    find: "if (!isLogTrusted) commitDurably(() => undefined);",
    replace: "",
  },
  {
    name: "start returns before its send",
    breaks: RETURNS,
    file: "packages/core/src/runtime/commands/start.ts",
    find: 'if (outcome.status === "committed") return await auditAndSend(environment, headOf(outcome.chain));',
    replace:
      'if (outcome.status === "committed") return void setImmediate(() => auditAndSend(environment, headOf(outcome.chain)));',
  },
  {
    name: "retry, resume and cancel return before their send",
    breaks: RETURNS,
    file: "packages/core/src/runtime/commands/steer.ts",
    find: "  await auditAndSend(environment, headOf(outcome.chain));",
    replace: "  const { chain: longer } = outcome;\n  setImmediate(() => auditAndSend(environment, headOf(longer)));",
  },
  {
    name: "what a task holds is told unsynced",
    breaks: "Core calls `flush` before it reports anything to its caller.",
    file: "packages/core/src/runtime/task/task.ts",
    find: "    await environment.backend.flush?.();",
    replace: "",
  },
  {
    name: "a hop is shown to those who watch before it is synced",
    breaks: "Core calls `flush` before it reports anything to its caller.",
    file: "packages/core/src/runtime/task/watch.ts",
    find: "if (events.length > 0) await environment.backend.flush?.();",
    replace: "",
  },
];
