import { join } from "node:path";
import { type Bundle, bundleFunction } from "@agenthandoff/test-servers/lambda";
import type { CrewMember } from "./crew-member.js";
import type { NewLife } from "./doomed-relay.js";
import { hireFunction } from "./function-member.js";
import { type JournalLine, readJournal } from "./journal.js";
import type { Place } from "./places.js";
import { AGENTS, type AgentName } from "./scenario.js";
import { hireWorker } from "./worker-member.js";

/** Beside functions: gamma is left to those, so that every task meets them, and the others are shared. */
const AGENTS_OF_WORKERS: readonly AgentName[] = ["alpha", "beta"];

export interface Crew {
  /** The n-th member: on queues that can feed functions every second one is a function. */
  hire(index: number): Promise<CrewMember>;
  /** A worker that lives until it is dismissed. */
  hireImmortal(): Promise<CrewMember>;
  abandonAll(): Promise<void>;
  /** What all of them wrote down. */
  journals(): readonly JournalLine[];
}

export function createCrew({ settings, folder }: Place, maxRunMs: number): Crew {
  const members: CrewMember[] = [];
  const journals: string[] = [];
  const newLife: NewLife = (doom) => {
    const journal = join(folder, `journal-${journals.length}.ndjson`);
    journals.push(journal);
    return { ...doom, journal, maxRunMs };
  };
  const keep = (member: CrewMember): CrewMember => {
    members.push(member);
    return member;
  };
  const worker = async (agents: readonly AgentName[], mortal: boolean): Promise<CrewMember> =>
    keep(await hireWorker(settings, { agents, mortal, newLife }));

  let bundled: Promise<Bundle> | undefined;
  return {
    async hire(index) {
      if (settings.kind === "local") return await worker(AGENTS, true);
      if (index % 2 === 0) return await worker(AGENTS_OF_WORKERS, true);
      bundled ??= bundleFunction({ entry: join(import.meta.dirname, "function.ts"), folder: join(folder, "function") });
      const { file: bundle } = await bundled;
      return keep(hireFunction(settings, { bundle, newLife }));
    },
    hireImmortal: () => worker(AGENTS, false),
    async abandonAll() {
      await Promise.all(members.map((member) => member.abandon()));
    },
    journals: () => journals.flatMap(readJournal),
  };
}
