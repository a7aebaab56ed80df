import { InvalidIdError } from "../../errors/index.js";
import type { RunSetting, Scratch } from "../agent/run-setting.js";
import { persist } from "../chain/persist.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";

const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** What stands behind a run that the chain's head asks for. */
export function runSetting(environment: RelayEnvironment, chain: TaskChain, deadline: number): RunSetting {
  const { record, sha256 } = headOf(chain);
  return {
    contextKey: environment.keys.slot(chain.taskId, record.hop),
    handoffSha256: sha256,
    deadline,
    codec: environment.codec,
    scratch: createScratch(environment, chain.taskId, record.step),
  };
}

function createScratch(environment: RelayEnvironment, taskId: string, step: number): Scratch {
  const { keys, backend } = environment;
  const keyOf = (name: string): string => {
    if (!NAME_PATTERN.test(name)) throw new InvalidIdError("a name in a step's scratch", String(NAME_PATTERN));
    return `${keys.runs(taskId, step)}${name}`;
  };
  return {
    async put(name, bytes) {
      const key = keyOf(name);
      await persist(environment, key, (signal) => backend.store.putIfAbsent(key, bytes, { signal }));
    },
    get: async (name, options = {}) => await backend.store.get(keyOf(name), options),
  };
}
