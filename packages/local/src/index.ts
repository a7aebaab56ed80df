export { DATABASE_FILE } from "./connections.js";
export {
  DEDUPLICATION_MS,
  MAX_EVENT_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_OBJECT_BYTES,
  MAX_REASON_CHARACTERS,
  MAX_VISIBILITY_MS,
} from "./limits.js";
export { local } from "./local.js";
export type { LocalOptions } from "./options.js";
