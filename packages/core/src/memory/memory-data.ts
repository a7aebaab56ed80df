import type { AuditEvent, Intent, TaskRow } from "../ports/index.js";

/** A stored object. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly mediaType: string | undefined;
}

/** A message in a queue. It leaves `messages` when it is acknowledged or dead. */
export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  readonly groupId: string;
  receiveCount: number;
  /** Invisible before this time, in milliseconds since the epoch. */
  visibleAt: number;
  /** The receive count of the delivery that holds the message; `undefined` where none does. */
  heldBy: number | undefined;
}

export interface DeadMessage {
  readonly id: string;
  readonly body: string;
  readonly groupId: string;
  readonly reason: string;
}

export interface MemoryQueue {
  /** By id, in the order of their acceptance. */
  readonly messages: Map<string, QueuedMessage>;
  /** Those that may be invisible: few, so that a look at a long queue stays cheap. */
  readonly invisible: Set<QueuedMessage>;
  /** Deduplication ids and when each was accepted, oldest first. */
  readonly accepted: Map<string, number>;
  /** By id, oldest first. */
  readonly dead: Map<string, DeadMessage>;
  /** Called when something may have become deliverable. */
  readonly waiting: Set<() => void>;
}

export interface MemoryTask {
  readonly events: Map<string, AuditEvent>;
  row: TaskRow | undefined;
}

/**
 * What the memory drivers keep. Drivers that share one are handles on the same data, as two processes would be;
 * it outlives them all.
 */
export interface MemoryData {
  readonly objects: Map<string, StoredObject>;
  /** The keys of `objects`, ascending by code unit. */
  readonly keys: string[];
  readonly queues: Map<string, MemoryQueue>;
  messageCount: number;
  /** By relay, then by task. */
  readonly tasks: Map<string, Map<string, MemoryTask>>;
  /** By relay, then by task and intent id. */
  readonly intents: Map<string, Map<string, Intent>>;
}

/** Empty data, for `memory({ data })` and the three drivers. */
export function memoryData(): MemoryData {
  return { objects: new Map(), keys: [], queues: new Map(), messageCount: 0, tasks: new Map(), intents: new Map() };
}

/** The value under `key`, made by `create` where there is none yet. */
export function getOrCreate<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const created = create();
  map.set(key, created);
  return created;
}

/** One name for several parts, so that no two lists of parts share one. */
export function joinedKey(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
