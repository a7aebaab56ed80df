import { type BaseCheckpointSaver, MemorySaver } from "@langchain/langgraph";

type Serializer = NonNullable<ConstructorParameters<typeof MemorySaver>[0]>;
type Checkpoint = Parameters<MemorySaver["put"]>[1];
type Metadata = Parameters<MemorySaver["put"]>[2];
type Channel = Parameters<MemorySaver["putWrites"]>[1][number][0];

interface SavedWrite {
  readonly taskId: string;
  readonly path: string;
  readonly channel: string;
  readonly value: unknown;
}

/** Where one graph (the agent's own, or one nested in it) stopped. */
interface SavedNamespace {
  readonly namespace: string;
  readonly checkpoint: unknown;
  readonly metadata: unknown;
  readonly writes: readonly SavedWrite[];
}

/** Where a run stopped, as plain values that a codec can keep. */
export type SavedThread = readonly SavedNamespace[];

/** The messages in the state of a saved thread. */
export function messagesOfThread(saved: SavedThread): readonly unknown[] {
  const root = saved.find(({ namespace }) => namespace === "")?.checkpoint;
  const { messages } = (root as Checkpoint | undefined)?.channel_values ?? {};
  return Array.isArray(messages) ? messages : [];
}

/** Keeps the values themselves: LangGraph's own serializer changes some of them (see the notes in the README). */
function referenceSerializer(): Serializer & { value(bytes: Uint8Array): unknown } {
  const values: unknown[] = [];
  const value = (bytes: Uint8Array) => values[new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)];
  return {
    value,
    async dumpsTyped(item) {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, values.push(item) - 1);
      return ["reference", bytes];
    },
    async loadsTyped(_type, bytes) {
      return value(bytes as Uint8Array);
    },
  };
}

export interface RunSaver {
  readonly saver: BaseCheckpointSaver;
  /** The last checkpoint of each namespace, with the writes of the tasks that had finished. */
  save(threadId: string): SavedThread;
  /** Puts a saved thread back, so that the graph goes on from there. */
  restore(threadId: string, saved: SavedThread): Promise<void>;
}

/** Checkpoints of one run, in memory: what makes an interrupt possible. */
export function runSaver(): RunSaver {
  const serializer = referenceSerializer();
  const saver = new MemorySaver(serializer);
  return {
    saver,
    save(threadId) {
      return Object.entries(saver.storage[threadId] ?? {}).flatMap(([namespace, checkpoints]) => {
        const last = Object.keys(checkpoints).toSorted().at(-1);
        const stored = last === undefined ? undefined : checkpoints[last];
        if (stored === undefined) return [];
        const records = Object.values(saver.writes[JSON.stringify([threadId, namespace, last])] ?? {});
        const writes = records.map(([taskId, channel, bytes, path]) => {
          return { taskId, path: path ?? "", channel, value: serializer.value(bytes) };
        });
        const [checkpoint, metadata] = stored;
        return [{ namespace, checkpoint: serializer.value(checkpoint), metadata: serializer.value(metadata), writes }];
      });
    },
    async restore(threadId, saved) {
      for (const { namespace, checkpoint, metadata, writes } of saved) {
        const parent = { configurable: { thread_id: threadId, checkpoint_ns: namespace } };
        const config = await saver.put(parent, checkpoint as Checkpoint, metadata as Metadata);
        for (const taskId of new Set(writes.map((write) => write.taskId))) {
          const each = writes.filter((write) => write.taskId === taskId);
          const pairs = each.map(({ channel, value }): [Channel, unknown] => [channel, value]);
          await saver.putWrites(config, pairs, taskId, each[0]?.path);
        }
      }
    },
  };
}
