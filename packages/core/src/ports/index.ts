export type { AuditEvent, AuditLog, Intent, RowChange, TaskQuery, TaskRow, TaskStatus } from "./audit-log.js";
export type { Backend } from "./backend.js";
export type { Clock, Random } from "./clock.js";
export type { ContextStore, StoreListOptions, StoreReadOptions, StoreWriteOptions } from "./context-store.js";
export { systemClock, systemRandom } from "./system.js";
export type { DeadLetter, Delivery, OutgoingMessage, QueueAddress, ReceiveOptions, Transport } from "./transport.js";
