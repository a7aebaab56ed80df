export { type AwsBackend, aws } from "./aws.js";
export { ensureResources } from "./ensure-resources.js";
export type { AwsClients, AwsOptions } from "./options.js";
export { type QueueDefinition, type ResourceOptions, type Resources, resourcesFor } from "./resources.js";
