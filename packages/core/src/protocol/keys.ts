import { InvalidIdError } from "../errors/index.js";
import { ANY_TASK_ID_PATTERN, MAX_HOP, parseAnyTaskId, parseRelayId } from "./ids.js";

const HASH_PATTERN = /^[0-9a-f]{64}$/;
const SLOT_NAME_PATTERN = /^(\d{10})\.ndjson\.gz$/;
/** Parts of printable ASCII, each ended by `/`, none of them `.` or `..`; empty for no prefix. */
const PREFIX_PATTERN = /^(?:(?!\.{1,2}\/)[!-.0-~]+\/)*$/;
/** What a store takes. */
const MAX_KEY_LENGTH = 512;
/** Leaves room for everything that follows. */
const MAX_PREFIX_LENGTH = 200;

/** Where everything of one relay lies. Keys are always derived from ids, never taken from a message. */
export interface Keys {
  slot(taskId: string, hop: number): string;
  /** The prefix of every slot of a task, or of the whole relay. */
  slots(taskId?: string): string;
  blob(taskId: string, sha256: string): string;
  /** The prefix of every blob of a task, or of the whole relay. */
  blobs(taskId?: string): string;
  /** The prefix of what the attempts of a step, or of a task, leave for the next. */
  runs(taskId: string, step?: number): string;
  /** The task and hop that a slot's key names; `undefined` for any other key. */
  parseSlot(key: string): { taskId: string; hop: number } | undefined;
}

/**
 * @param options.prefix put before every key: empty, or parts that each end with `/`
 * @throws InvalidIdError, as every function of the result does
 */
export function createKeys(options: { relayId: string; prefix?: string }): Keys {
  const { prefix = "" } = options;
  if (!isPrefix(prefix)) {
    throw new InvalidIdError("a prefix of keys", `${PREFIX_PATTERN}, with at most ${MAX_PREFIX_LENGTH} characters`);
  }
  const root = `${prefix}${parseRelayId(options.relayId)}`;
  const under = (folder: string, taskId?: string) =>
    taskId === undefined ? `${root}/${folder}/` : `${root}/${folder}/${parseAnyTaskId(taskId)}/`;
  const keys: Keys = {
    slots: (taskId) => under("slots", taskId),
    slot: (taskId, hop) => `${under("slots", taskId)}${slotName(hop)}`,
    blobs: (taskId) => under("blobs", taskId),
    blob: (taskId, hash) => `${under("blobs", taskId)}${parseHash(hash)}`,
    runs: (taskId, step) => `${under("runs", taskId)}${step === undefined ? "" : `${parseHop(step)}/`}`,
    parseSlot(key) {
      if (!key.startsWith(keys.slots())) return undefined;
      const [taskId = "", name = "", ...more] = key.slice(keys.slots().length).split("/");
      const hop = SLOT_NAME_PATTERN.exec(name)?.[1];
      if (hop === undefined || more.length > 0 || !ANY_TASK_ID_PATTERN.test(taskId)) return undefined;
      return { taskId, hop: Number(hop) };
    },
  };
  return keys;
}

/** Whether keys can begin with it: empty, or parts that each end with `/`. */
export function isPrefix(prefix: string): boolean {
  return prefix.length <= MAX_PREFIX_LENGTH && PREFIX_PATTERN.test(prefix);
}

/** Whether a key, which a message named, is one of the objects of a producer: `<prefix><producer>/…`, and no trick. */
export function isProducersKey(key: string, at: { readonly prefix: string; readonly producer: string }): boolean {
  const folder = `${at.prefix}${at.producer}/`;
  return key.startsWith(folder) && key.length <= MAX_KEY_LENGTH && PREFIX_PATTERN.test(`${key.slice(folder.length)}/`);
}

/** The last part of a slot's key: `0000000004.ndjson.gz`. */
export function slotName(hop: number): string {
  return `${String(parseHop(hop)).padStart(10, "0")}.ndjson.gz`;
}

function parseHop(hop: number): number {
  if (!Number.isInteger(hop) || hop < 0 || hop > MAX_HOP) throw new InvalidIdError("a hop", `0 … ${MAX_HOP}`);
  return hop;
}

function parseHash(hash: string): string {
  if (!HASH_PATTERN.test(hash)) throw new InvalidIdError("a blob's hash", String(HASH_PATTERN));
  return hash;
}
