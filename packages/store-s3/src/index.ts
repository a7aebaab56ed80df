export { DEFAULT_MAX_OBJECT_BYTES, DEFAULT_PROBE_KEY, MULTIPART_FROM_BYTES } from "./limits.js";
export type { KmsEncryption, S3StoreOptions } from "./options.js";
export { type S3Store, s3Store } from "./s3-store.js";
