export {
  type BlobReference,
  type ClassCodec,
  type Codec,
  type CodecOptions,
  canonicalJson,
  createCodec,
  type DecodeOptions,
  type EncodeOptions,
  type Json,
  type ParseLimits,
  parseJson,
  stringifyJson,
} from "./codec/index.js";
export * from "./errors/index.js";
export * from "./ports/index.js";
export type {
  BlobRecord,
  Decision,
  ErrorSummary,
  HandoffRecord,
  Origin,
  StartOptions,
  TaskState,
  Usage,
  WaitCondition,
} from "./protocol/index.js";
export {
  type Agent,
  type AgentDeclaration,
  type AgentDefinition,
  declareAgent,
  defineAgent,
} from "./runtime/agent/agent.js";
export { artifact, message, type NewArtifact, type NewEntry, output, state } from "./runtime/agent/entries.js";
export type { RunSetting, Scratch } from "./runtime/agent/run-setting.js";
export type {
  DecisionOptions,
  FailOptions,
  Turn,
  TurnDecision,
  TurnResult,
  WaitOptions,
} from "./runtime/agent/turn.js";
export type { StartRequest } from "./runtime/commands/start.js";
export type { CancelRequest, ResumeRequest, RetryRequest } from "./runtime/commands/steer.js";
export type { Artifact, Context, Entry, EntryFilter, MarkdownOptions } from "./runtime/context/context.js";
export {
  type CheckRoutes,
  DEFAULT_LIMITS,
  type RelayLimits,
  type RelayOptions,
  type UnversionedOptions,
} from "./runtime/options.js";
export type { ReconcileOptions, ReconcileReport } from "./runtime/reconcile/reconcile.js";
export type { Learned, Redact, RedactionSubject } from "./runtime/redaction.js";
export { createRelay, type Relay, type RunOptions } from "./runtime/relay.js";
export type { RelayEvent, RelayObserver, RunEndingKind } from "./runtime/relay-event.js";
export type { PreparedRun, RunRequest } from "./runtime/step/prepare-run.js";
export type { DeliveryOutcome, ProcessDeadline } from "./runtime/step/setting.js";
export type { EraseRequest } from "./runtime/task/erase.js";
export type { ExportReport } from "./runtime/task/export.js";
export type { HopEvent, TaskResult } from "./runtime/task/result.js";
export type { Task, TaskHead } from "./runtime/task/task.js";
export type { Verification } from "./runtime/task/verify.js";
export type { WatchOptions } from "./runtime/task/watch.js";
export type { HandleOptions } from "./runtime/worker/handle.js";
export type { WorkerOptions } from "./runtime/worker/worker.js";
