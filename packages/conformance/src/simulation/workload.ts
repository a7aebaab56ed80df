import { createHash } from "node:crypto";
import {
  type Agent,
  type ClassCodec,
  type Clock,
  type Context,
  declareAgent,
  defineAgent,
  NonRetryableError,
  type Random,
  RetryLaterError,
} from "@agenthandoff/core";

/** A program that knows neither the library nor the relay's keys: it puts JSON objects into the store, and sends messages of three fields. */
export const PRODUCER = "eve";
/** Where it puts them. */
export const PRODUCERS_PREFIX = "handoffs/";

// What agents do is written in the task's input, so that what each must have received can be computed by anybody.

export const AGENT_NAMES = ["ada", "bob", "cyd"] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

/** What the agent does that executes one step of a task. */
export type Action =
  | { readonly do: "hand-on"; readonly to: AgentName }
  | { readonly do: "complete" }
  | { readonly do: "ask" }
  | { readonly do: "give-up" };

/** How a run of a step goes wrong before it goes right. */
export type Trouble = "throws" | "asks-for-time" | "never-settles" | "non-retryable" | "poison";

export interface Step {
  readonly action: Action;
  /** The first `times` runs go wrong. */
  readonly trouble?: { readonly kind: Trouble; readonly times: number };
  readonly takesMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly first: AgentName;
  readonly steps: readonly Step[];
}

/** Whether a task with this plan may fail without any fault of the world. */
export function mayFail(plan: Plan): boolean {
  return plan.steps.some(({ action, trouble }) => action.do === "give-up" || trouble !== undefined);
}

/** How often steps go wrong by themselves: never, sometimes, or only the first one, by killing its process. */
export type Troubles = "none" | "some" | "poison-first";

export function randomPlan(random: Random, seed: number, troubles: Troubles): Plan {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.number() * items.length)] as T;
  const length = 1 + Math.floor(random.number() * (random.number() < 0.1 ? 24 : 6));
  const steps: Step[] = [];
  for (let index = 0; index < length; index++) {
    const isLast = index === length - 1;
    const action: Action = isLast
      ? pick([{ do: "complete" }, { do: "complete" }, { do: "complete" }, { do: "give-up" }] as const)
      : random.number() < 0.12
        ? { do: "ask" }
        : { do: "hand-on", to: pick(AGENT_NAMES) };
    const trouble = randomTrouble(random, troubles, index);
    // Where nothing else goes wrong, runs are long, so that others' troubles find them under way.
    const isLong = random.number() < (troubles === "some" ? 0.1 : 0.6);
    const takesMs = isLong ? 60_000 + random.number() * 600_000 : random.number() * 5_000;
    steps.push({ action, takesMs, ...(trouble === undefined ? {} : { trouble }) });
  }
  return { seed, first: pick(AGENT_NAMES), steps };
}

function randomTrouble(random: Random, troubles: Troubles, step: number): Step["trouble"] | undefined {
  const times = 1 + Math.floor(random.number() * 4);
  if (troubles === "poison-first") return step === 0 ? { kind: "poison", times } : undefined;
  if (troubles === "none" || random.number() >= 0.15) return undefined;
  const kinds = ["throws", "throws", "asks-for-time", "never-settles", "non-retryable", "poison"] as const;
  return { kind: kinds[Math.floor(random.number() * kinds.length)] as Trouble, times };
}

/** What a hop learns: among it what plain JSON would lose, and a digest of all that came before. */
export interface Finding {
  readonly step: number;
  readonly digest: string;
  readonly value: bigint;
  readonly at: Date;
  /** Left by agents of the newer version, in every other step. */
  readonly seal?: Seal;
}

/** A class that only the newer version knows. */
export class Seal {
  readonly digest: string;
  constructor(digest: string) {
    this.digest = digest;
  }
}

/** What the newer version registers for it. */
export const sealCodec: ClassCodec<Seal> = {
  name: "simulation.Seal",
  is: (value): value is Seal => value instanceof Seal,
  encode: (seal) => seal.digest,
  decode: (digest) => new Seal(String(digest)),
};

export function nextFinding(seed: number, earlier: readonly Finding[]): Finding {
  const hash = createHash("sha256").update(String(seed));
  for (const { digest, value, at } of earlier) hash.update(`${digest} ${value} ${at.getTime()}\n`);
  const digest = hash.digest("hex").slice(0, 16);
  return { step: earlier.length, digest, value: BigInt(`0x${digest}`), at: new Date(seed * 1_000 + earlier.length) };
}

/** Whether findings are what agents that saw everything would have left. */
export function whatIsMissing(plan: Plan, findings: readonly Finding[]): string | undefined {
  const earlier: Finding[] = [];
  for (const finding of findings) {
    const expected = nextFinding(plan.seed, earlier);
    if (
      finding.digest !== expected.digest ||
      finding.value !== expected.value ||
      finding.at.getTime() !== expected.at.getTime() ||
      (finding.seal !== undefined && !(finding.seal instanceof Seal && finding.seal.digest === expected.digest))
    ) {
      return `finding ${earlier.length} is not what the agent that saw all before it would have left`;
    }
    earlier.push(expected);
  }
  return undefined;
}

export interface AgentHooks {
  readonly clock: Clock;
  /** Whether these agents are of the newer version. */
  readonly isNewer: boolean;
  /** Told each run, before it does anything. */
  onRun(context: Context, agent: AgentName, attempt: string): void;
  /** Kills the process that runs. */
  onPoison(): void;
  /** How often this step of this task was begun, by anyone. */
  runsOf(taskId: string, step: number): number;
}

export function createAgents(
  hooks: AgentHooks,
): readonly [Agent<"ada", AgentName>, Agent<"bob", AgentName>, Agent<"cyd", AgentName>] {
  return [createAgent("ada", hooks), createAgent("bob", hooks), createAgent("cyd", hooks)];
}

/** Who starts tasks without this library: a program that knows none of it. */
export const producer: Agent<typeof PRODUCER, AgentName> = declareAgent({ name: PRODUCER, handsTo: AGENT_NAMES });

function createAgent<const Name extends AgentName>(name: Name, hooks: AgentHooks): Agent<Name, AgentName> {
  return defineAgent({
    name,
    handsTo: AGENT_NAMES,
    version: hooks.isNewer ? "2" : "1",
    async run({ context, signal, attempt, handoff, complete, fail, wait }) {
      hooks.onRun(context, name, attempt.id);
      const plan = context.input as Plan;
      const findings = context.outputs() as readonly Finding[];
      const step = plan.steps[findings.length];
      if (step === undefined) throw new NonRetryableError("the plan has no such step");
      const runs = hooks.runsOf(context.taskId, context.step);
      if (step.trouble !== undefined && runs <= step.trouble.times) await meet(step.trouble.kind, hooks);
      await hooks.clock.sleep(step.takesMs, signal);
      const finding = nextFinding(plan.seed, findings);
      const sealed = hooks.isNewer && findings.length % 2 === 0;
      const learned = {
        output: sealed ? { ...finding, seal: new Seal(finding.digest) } : finding,
        reason: `step ${findings.length}`,
      };
      switch (step.action.do) {
        case "hand-on":
          return handoff(step.action.to, learned);
        case "complete":
          return complete(learned);
        case "give-up":
          return fail({ reason: "the plan says so" });
        case "ask":
          return context.answer === undefined
            ? wait({ question: `step ${findings.length}?`, reason: "a question" })
            : handoff(name, learned);
      }
    },
  });
}

async function meet(trouble: Trouble, hooks: AgentHooks): Promise<void> {
  switch (trouble) {
    case "throws":
      throw new Error("trouble");
    case "asks-for-time":
      throw new RetryLaterError("busy", { retryAfterMs: 30_000 });
    case "non-retryable":
      throw new NonRetryableError("useless");
    case "never-settles":
      await new Promise(() => {});
      break;
    case "poison":
      hooks.onPoison();
      await new Promise(() => {});
  }
}
