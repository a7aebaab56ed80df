import { mkdirSync } from "node:fs";
import type { Backend, Context } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import type { AgentMessage } from "../corpus/agent-message.js";
import { playScript, playScriptColdly } from "../script/play-script.js";
import { scriptOf } from "../script/script.js";
import { createScriptedRelay, TASK_ID } from "../script/scripted-relay.js";
import type { Reading, System } from "./measured-run.js";

/** `warm`: one worker plays all hops. `cold`: a worker that knows nothing at each hop, with its own handle on the directory. */
export function agenthandoff(mode: "warm" | "cold"): System {
  return {
    open(directory) {
      mkdirSync(directory, { recursive: true });
      if (mode === "warm") {
        const backend = local({ directory });
        return {
          play: (script, reading, see) =>
            playScript({ script, backend, onRun: ({ context }) => see(READINGS[reading](context)) }),
          close: () => backend.close(),
        };
      }
      const openBackend = () => local({ directory });
      return {
        play: (script, reading, see) =>
          playScriptColdly({ script, openBackend, onRun: ({ context }) => see(READINGS[reading](context)) }),
        close: async () => {},
      };
    },

    async readBack(directory) {
      return await using(local({ directory }), async (backend) => {
        const task = createScriptedRelay({ script: scriptOf(1), backend }).task(TASK_ID);
        const { ok, hops, problems } = await task.verify();
        if (!ok) throw new Error(`the chain does not verify: ${JSON.stringify(problems)}`);
        return { hops, messages: READINGS.all(await task.context()) };
      });
    },
  };
}

// The script wrote what is read here, so it is what the script says.
const READINGS: { readonly [reading in Reading]: (context: Context) => readonly AgentMessage[] } = {
  all: (context) => context.entries.flatMap(({ value }) => value as AgentMessage | readonly AgentMessage[]),
  newest: (context) =>
    context.from === null
      ? (context.input as readonly AgentMessage[]).slice(-1)
      : [context.latest(context.from) as AgentMessage],
};

async function using<Result>(backend: Backend, use: (backend: Backend) => Promise<Result>): Promise<Result> {
  try {
    return await use(backend);
  } finally {
    await backend.close();
  }
}
