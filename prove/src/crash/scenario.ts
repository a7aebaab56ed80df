import { createHash } from "node:crypto";
import {
  type Agent,
  type Backend,
  type Clock,
  type Context,
  createRelay,
  defineAgent,
  type Random,
  type Relay,
  type RelayObserver,
} from "@agenthandoff/core";

// A relay whose every output depends on all that came before it: a context that lost or altered anything shows in the
// next output, and what a whole task must end with can be computed without running it.

export const RELAY_ID = "crash";

export const AGENTS = ["alpha", "beta", "gamma"] as const;
export type AgentName = (typeof AGENTS)[number];

export interface Assignment {
  readonly seed: number;
  /** Outputs to produce before the task completes. */
  readonly outputs: number;
}

/** What one hop learns: values that plain JSON would lose are among them. */
interface Finding {
  readonly hop: number;
  readonly digest: string;
  readonly big: bigint;
  readonly at: Date;
  readonly table: Map<string, number>;
}

/** How a run takes its time; a crash strikes here. */
export type Work = (about: {
  readonly taskId: string;
  readonly hop: number;
  readonly signal: AbortSignal;
  readonly context: Context;
}) => Promise<void>;

export function crashRelay(
  backend: Backend,
  work: Work,
  observer?: RelayObserver,
  world: { readonly clock?: Clock; readonly random?: Random } = {},
): Relay<AgentName> {
  return createRelay({
    id: RELAY_ID,
    backend,
    // A run that a crash cut short counts as an attempt; here crashes are many, and no agent is at fault.
    maxAttempts: 1000,
    agents: [agent("alpha", work), agent("beta", work), agent("gamma", work)],
    backoffMs: 20,
    graceMs: 500,
    ...(observer === undefined ? {} : { observer }),
    ...world,
  });
}

function agent<const Name extends AgentName>(name: Name, work: Work): Agent<Name, AgentName> {
  return defineAgent({
    name,
    handsTo: AGENTS,
    async run({ context, signal, handoff, complete }) {
      await work({ taskId: context.taskId, hop: context.hop, signal, context });
      const { seed, outputs } = context.input as Assignment;
      const finding = findingAfter(seed, context.outputs() as readonly Finding[]);
      const artifacts =
        finding.hop % 3 === 0 ? [{ name: `notes-${finding.hop}.txt`, data: finding.digest.repeat(50) }] : [];
      const isLast = finding.hop + 1 >= outputs;
      return isLast
        ? complete({ output: finding, artifacts })
        : handoff(nextAgent(name), { output: finding, artifacts, reason: `finding ${finding.hop}` });
    },
  });
}

function nextAgent(name: AgentName): AgentName {
  return AGENTS[(AGENTS.indexOf(name) + 1) % AGENTS.length] ?? "alpha";
}

function findingAfter(seed: number, earlier: readonly Finding[]): Finding {
  const hash = createHash("sha256").update(String(seed));
  for (const { hop, digest, big, at, table } of earlier)
    hash.update(`${hop} ${digest} ${big} ${at.toISOString()} ${[...table]}`);
  const hop = earlier.length;
  const digest = hash.digest("hex");
  return {
    hop,
    digest,
    big: BigInt(`0x${digest.slice(0, 24)}`),
    at: new Date(seed * 1000 + hop),
    table: new Map([[digest.slice(0, 4), hop]]),
  };
}

/** The outputs that a task must have ended with. */
export function expectedFindings({ seed, outputs }: Assignment): Finding[] {
  const findings: Finding[] = [];
  for (let hop = 0; hop < outputs; hop++) findings.push(findingAfter(seed, findings));
  return findings;
}

/** What is wrong with the context of a finished task, or `undefined`. */
export async function whatWasLost(context: Context, assignment: Assignment): Promise<string | undefined> {
  const expected = expectedFindings(assignment);
  const found = context.outputs() as readonly Finding[];
  if (found.length !== expected.length) return `it has ${found.length} outputs instead of ${expected.length}`;
  for (const [hop, finding] of expected.entries()) {
    const other = found[hop];
    const same =
      other?.digest === finding.digest &&
      other.big === finding.big &&
      other.at.getTime() === finding.at.getTime() &&
      String([...other.table]) === String([...finding.table]);
    if (!same) return `output ${hop} is not what its agent returned`;
    if (hop % 3 === 0 && (await context.artifact(`notes-${hop}.txt`)?.text()) !== finding.digest.repeat(50))
      return `artifact notes-${hop}.txt is not what its agent left`;
  }
  return undefined;
}
