export { type DynamoAuditLog, dynamoAuditLog } from "./dynamo-audit-log.js";
export { MAX_EVENT_BYTES } from "./limits.js";
export type { DynamoAuditLogOptions } from "./options.js";
export {
  type AuditIndex,
  type AuditTable,
  auditTable,
  auditTableTimeToLive,
  INDEXES,
  TIME_TO_LIVE_ATTRIBUTE,
} from "./table.js";
