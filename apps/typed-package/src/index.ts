export { DELIVERY, type Delivery, delivery } from "./agents/deploy-tools.js";
export { describeInput, type TaskInput } from "./agents/task-input.js";
export {
  AGENT_NAMES,
  type AgentName,
  type Gate,
  type GatedAgentName,
  type GatedPackageOptions,
  type TypedPackageOptions,
  typedPackageRelay,
} from "./agents/typed-package-relay.js";
export { inspectInput } from "./cli/input-file.js";
export { taskIdFor } from "./cli/naming.js";
export { writePackage } from "./cli/output.js";
export { RULE_MODEL_NAME, RuleModel } from "./model/rule-model.js";
export { ON_DISK } from "./on-disk.js";
