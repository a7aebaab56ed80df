export { type AttemptRecord, attemptRecord } from "./agent/attempt-record.js";
export { handoffToolName } from "./agent/handoff-tools.js";
export { langchainClasses } from "./codec/classes.js";
export { langchainCodec } from "./codec/langchain-codec.js";
export { langchainAgent } from "./langchain-agent.js";
export { handoffFrom, idempotencyKey } from "./memory.js";
export {
  type RelayProgress,
  type RelayRunnable,
  type RelayRunnableOptions,
  relayRunnable,
} from "./relay/relay-runnable.js";
export { type RelayToolOptions, relayTool } from "./relay/relay-tool.js";
export type { RelayCallOptions } from "./relay/work.js";
export type {
  AgentFactory,
  AgentMemory,
  AgentSource,
  Decided,
  LangchainAgentOptions,
  LangchainRunConfig,
  ReactAgentLike,
  RunnableLike,
  WhenSilent,
} from "./types.js";
export { providerValid } from "./view/provider-valid.js";
export type { ViewOptions } from "./view/view.js";
