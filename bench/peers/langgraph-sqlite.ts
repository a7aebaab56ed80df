import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Annotation, Command, END, START, StateGraph } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import type { AgentMessage } from "../src/corpus/agent-message.js";
import { answerParent } from "../src/local/answer-parent.js";
import type { See, System } from "../src/local/measured-run.js";
import type { Script } from "../src/script/script.js";

const THREAD = { configurable: { thread_id: "chain" } };

// Plain objects and the cheapest reducer: with LangChain's message classes and reducer the same chain takes twice the
// time and half as many bytes again.
const State = Annotation.Root({
  hop: Annotation<number>(),
  messages: Annotation<readonly AgentMessage[]>({
    reducer: (present, added) => present.concat(added),
    default: () => [],
  }),
});

/** Two nodes that hand over to each other with `Command({ goto })`, in one `invoke`, on LangGraph's SQLite checkpointer. */
const langgraphSqlite: System = {
  open(directory) {
    mkdirSync(directory, { recursive: true });
    const saver = openSaver(directory);
    return {
      async play(script, reading, see) {
        const graph = buildGraph(script, (messages) => see(reading === "all" ? messages : messages.slice(-1)), saver);
        await graph.invoke(
          { hop: 0, messages: script.messagesOf(0) },
          // "sync": each checkpoint is written before the next node begins.
          { ...THREAD, recursionLimit: script.hops + 1, durability: "sync" },
        );
      },
      close: async () => void saver.db.close(),
    };
  },

  async readBack(directory) {
    const saver = openSaver(directory);
    try {
      const tuple = await saver.getTuple(THREAD);
      const messages = tuple?.checkpoint.channel_values.messages as readonly AgentMessage[];
      return { hops: countHops(saver), messages };
    } finally {
      saver.db.close();
    }
  },
};

function openSaver(directory: string): SqliteSaver {
  const saver = SqliteSaver.fromConnString(join(directory, "langgraph.db"));
  // Its driver's own choice, NORMAL, lets a power cut take back hops that the next node has already built on.
  saver.db.pragma("synchronous = FULL");
  return saver;
}

function buildGraph(script: Script, see: See, checkpointer: SqliteSaver) {
  const last = script.hops - 1;
  const node = (to: "writer" | "editor") => (state: typeof State.State) => {
    see(state.messages);
    const hop = state.hop + 1;
    return new Command({ goto: hop === last ? END : to, update: { hop, messages: script.messagesOf(hop) } });
  };
  return new StateGraph(State)
    .addNode("writer", node("editor"), { ends: ["editor", END] })
    .addNode("editor", node("writer"), { ends: ["writer", END] })
    .addEdge(START, "writer")
    .compile({ checkpointer });
}

/** The hops that some checkpoint ends with. */
function countHops(saver: SqliteSaver): number {
  const hops = saver.db
    .prepare("SELECT DISTINCT json_extract(CAST(checkpoint AS TEXT), '$.channel_values.hop') AS hop FROM checkpoints")
    .all() as readonly { readonly hop: number | null }[];
  return hops.filter(({ hop }) => hop !== null).length;
}

await answerParent(langgraphSqlite);
