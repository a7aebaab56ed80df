/** One way to break the runtime: a line of the design that is not kept. */
export interface Mutant {
  readonly name: string;
  /** The sentence of the design that it breaks. */
  readonly breaks: string;
  /** Under `packages/core/src`. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const FINISH = "runtime/step/finish.ts";
const EXECUTE = "runtime/step/execute-handoff.ts";
const HANDLE = "runtime/step/handle-delivery.ts";
const COMMIT = "runtime/chain/commit.ts";
const HELP = "runtime/help.ts";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "acknowledge before commit",
    breaks: "Audit, then send the envelope for h+1, then acknowledge h.",
    file: FINISH,
    find: "  await storeBlobs(environment, taskId, built.blobs);",
    replace: "  await delivery.acknowledge();\n  await storeBlobs(environment, taskId, built.blobs);",
  },
  {
    name: "acknowledge before send",
    breaks: "Audit, then send the envelope for h+1, then acknowledge h.",
    file: FINISH,
    find: "  await auditAndSend(environment, headOf(outcome.chain));",
    replace: "  await delivery.acknowledge();\n  await auditAndSend(environment, headOf(outcome.chain));",
  },
  {
    name: "send before audit",
    breaks: "No handoff leaves without an audit record.",
    file: HELP,
    find: "  await auditCommit(environment, handoff);\n  await sendNext(environment, handoff);",
    replace: "  await sendNext(environment, handoff);\n  await auditCommit(environment, handoff);",
  },
  {
    name: "send before commit",
    breaks: "Commit: put-if-absent slot h+1. Then audit, then send.",
    file: FINISH,
    find: "  const outcome = await commit(environment, chain, built.handoff);",
    replace:
      "  await auditAndSend(environment, built.handoff);\n  const outcome = await commit(environment, chain, built.handoff);",
  },
  {
    name: "no put-if-absent",
    breaks: "The slot of hop h+1 is written with put-if-absent.",
    file: COMMIT,
    find: 'const answer = await store.putIfAbsent(key, bytes, { mediaType: "application/gzip", signal });',
    replace: 'await store.overwrite(key, bytes, { signal });\n    const answer: string = "created";',
  },
  {
    name: "no read-back",
    breaks: "`exists` means reading it back: mine (an SDK retry meets its own first try) is success.",
    file: COMMIT,
    find: 'return winner.record.commitId === commitId ? "mine" : winner;',
    replace: "return winner;",
  },
  {
    name: "every winner is mine",
    breaks: "Another's means discard mine.",
    file: COMMIT,
    find: 'return winner.record.commitId === commitId ? "mine" : winner;',
    replace: 'return "mine";',
  },
  {
    name: "loser does not help",
    breaks: "Another's means discard mine, audit `superseded`, help the winner.",
    file: FINISH,
    find: "  await help(environment, chain, at.hop + 1);",
    replace: "",
  },
  {
    name: "no help on a filled slot",
    breaks: "Slot h+1 filled: help.",
    file: HANDLE,
    find: "      await help(environment, found.chain, envelope.hop + 1);",
    replace: "",
  },
  {
    name: "help without send",
    breaks: "If the head is h+1, send its envelope.",
    file: HELP,
    find: "  if (head.record.hop === from) await sendNext(environment, head);",
    replace: "",
  },
  {
    name: "help without audit",
    breaks: "Append each missing audit event from h+1 to the head.",
    file: HELP,
    find: "if (mayLackAudit(chain, handoff)) await auditCommit(environment, handoff);",
    replace: "void mayLackAudit;",
  },
  {
    name: "an attempt starts unrecorded",
    breaks: "Before each run append `attempt_started`.",
    file: EXECUTE,
    find: "        await record(attemptStarted(subject(), agent.version));",
    replace: "        void attemptStarted;",
  },
  {
    name: "poison not counted",
    breaks: "On a delivery that is not the first, count them; at `maxAttempts` commit `fail`.",
    file: HANDLE,
    find: "    if (attempts.counted >= environment.limits.maxAttempts) {",
    replace: "    if (attempts.counted < 0) {",
  },
  {
    name: "one attempt too few",
    breaks: "Runs ≤ maxAttempts; no healthy task fails.",
    file: HANDLE,
    find: "    if (attempts.counted >= environment.limits.maxAttempts) {",
    replace: "    if (attempts.counted >= environment.limits.maxAttempts - 1) {",
  },
  {
    name: "an outage costs an attempt",
    breaks: "A run that ends through no fault of the agent takes it back with `attempt_released`.",
    file: EXECUTE,
    find: "if (isBackendError(error)) await record(attemptReleased(subject(), error.message)).catch(() => {});",
    replace: "",
  },
  {
    name: "age fails a task",
    breaks: "Age alone never fails a task.",
    file: "runtime/reconcile/reconcile-task.ts",
    find: "  if (deadline === undefined || deadline > environment.clock.now()) return false;",
    replace:
      '  if ((deadline ?? Date.parse(headOf(chain).record.createdAt) + 3_600_000) > environment.clock.now() || headOf(chain).record.decision.kind !== "handoff") return false;',
  },
  {
    name: "re-send with the same generation",
    breaks: "It re-sends the head's envelope with the next generation.",
    file: "runtime/reconcile/reconcile-task.ts",
    find: "envelopeFor(environment, head, generation);",
    replace: "envelopeFor(environment, head, 0);",
  },
  {
    name: "no re-send",
    breaks: "Where nothing moved it re-sends the head's envelope.",
    file: "runtime/reconcile/reconcile-task.ts",
    find: "  await sendEnvelope(environment, envelope);",
    replace: "  void sendEnvelope;",
  },
  {
    name: "no intent",
    breaks: "Commits that no delivery causes first append an intent.",
    file: "runtime/commands/intent.ts",
    find: "    await audit.intend(intent);",
    replace: "",
  },
  {
    name: "intent removed early",
    breaks: "Then slot, audit, send; then remove the intent.",
    file: "runtime/commands/intent.ts",
    find: "  const result = await act({ renewIfOld })",
    replace: "  await settle();\n  const result = await act({ renewIfOld })",
  },
  {
    name: "intent removed when the outcome is unknown",
    breaks: "Only that, or the reconciler's closing, removes it.",
    file: "runtime/commands/intent.ts",
    find: "    if (!isBackendError(error)) await settle();",
    replace: "    await settle();",
  },
  {
    name: "an intent closed at once",
    breaks: "Closes it after `intentTtl` when none does.",
    file: "runtime/reconcile/reconcile-intent.ts",
    find: 'if (found === "unknown" || (found === "absent" && age < environment.limits.intentTtlMs)) return "kept";',
    replace: 'if (found === "unknown") return "kept";',
  },
  {
    name: "a found intent is not helped",
    breaks: "The reconciler helps an intent when some slot of the chain bears its `request_id`.",
    file: "runtime/reconcile/reconcile-intent.ts",
    find: "    if (hop !== undefined) await help(environment, chain, hop);",
    replace: "",
  },
  {
    name: "no request look-up",
    breaks: "A slot that bears it means that this call has already succeeded.",
    file: "runtime/commands/request-id.ts",
    find: "record.requestId === requestId",
    replace: 'record.requestId === String([requestId])+"?"',
  },
  {
    name: "the head is not compared",
    breaks: "A moved head is a `HeadMovedError`, so that nobody approves a question they have not read.",
    file: "runtime/commands/steer.ts",
    find: "  if (sha256 !== request.head) throw new HeadMovedError(taskId);",
    replace: "",
  },
  {
    name: "anything may be retried",
    breaks: "Only `retry` may follow `fail`, only `resume` may follow `wait`; nothing follows a final decision.",
    file: "runtime/commands/steer.ts",
    find: "  if (!allowedOperations(record.decision).includes(operation)) {",
    replace: "  if (allowedOperations(record.decision).length > 99) {",
  },
  {
    name: "cancel follows a final decision",
    breaks: "Nothing follows a final decision.",
    file: "runtime/commands/steer.ts",
    find: "      if (isFinal(decision)) {",
    replace: '      if (decision.kind === "cancel" && isFinal(decision)) {',
  },
  {
    name: "an earlier hop is run again",
    breaks: "Slot h+1 filled: never run the agent again.",
    file: HANDLE,
    find: '    if (chain !== undefined && next === undefined) return { position: "head", chain };',
    replace: '    if (chain !== undefined) return { position: "head", chain };',
  },
  {
    name: "a foreign envelope is obeyed",
    breaks: "Chain verifies but the envelope disagrees: refuse the envelope.",
    file: "runtime/step/judge.ts",
    find: 'if (head.sha256 !== envelope.handoffSha256) return "the envelope names another handoff than its slot holds";',
    replace: "",
  },
  {
    name: "erasure without an end",
    breaks: "Commit `cancel` (unless final), overwrite each slot.",
    file: "runtime/task/erase.ts",
    find: "  await endTask(environment, taskId, request);",
    replace: "  void endTask;",
  },
  {
    name: "the output of an earlier hop is forgotten",
    breaks: "Context: all entries of hops 0 … h in order.",
    file: "runtime/chain/read-chain.ts",
    find: "spansOf(parseSegment(head, { taskId, hop }))",
    replace: "spansOf(parseSegment(head, { taskId, hop })).slice(-3)",
  },
];
