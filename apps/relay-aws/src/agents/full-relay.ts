import type { Backend, Relay, RelayObserver } from "@agenthandoff/core";
import { type GatedAgentName, RuleModel, typedPackageRelay } from "@agenthandoff/typed-package";
import { release } from "./release.js";

/**
 * Research → Code → QA → Release → Deploy, to run on any backend. The model is the offline one; any chat model of
 * LangChain takes its place.
 */
// #region relay
export const fullRelay = (id: string, backend: Backend, observer?: RelayObserver): Relay<GatedAgentName> =>
  typedPackageRelay({ id, backend, model: new RuleModel(), gate: release, ...(observer && { observer }) });
// #endregion relay
