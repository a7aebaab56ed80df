import { z } from "zod";
import type { ClassCodec } from "../../codec/index.js";
import { InvalidOptionsError } from "../../errors/index.js";
import { NAME_PATTERN } from "../../protocol/index.js";
import type { RunSetting } from "./run-setting.js";
import type { Turn } from "./turn.js";

/** An agent, or the declaration of one that runs elsewhere. */
export interface Agent<Name extends string = string, To extends string = string> {
  readonly name: Name;
  readonly handsTo: readonly To[];
  /** One sentence for people and for models that choose whom to hand to. */
  readonly description?: string;
  /** Recorded in each of its handoffs. With `versions: "pinned"` a task stays with the version that it met first. */
  readonly version?: string;
  /** How long one run may take, in milliseconds; default: the relay's. */
  readonly deadlineMs?: number;
  /** Classes that its values are made of. */
  readonly classes?: readonly ClassCodec[];
  /**
   * Left out by `declareAgent`: such a relay can start tasks for it, but no worker runs it. A relay also gives what
   * stands behind the turn, for agents that have their runs done elsewhere.
   */
  run?(turn: Turn, setting?: RunSetting): unknown;
}

export interface AgentDeclaration<Name extends string, To extends string> {
  readonly name: Name;
  /** The agents that it may hand to. Default: none; it can only complete, wait or fail. */
  readonly handsTo?: readonly To[];
  readonly description?: string;
  readonly version?: string;
  readonly deadlineMs?: number;
  readonly classes?: readonly ClassCodec[];
}

export interface AgentDefinition<Name extends string, To extends string> extends AgentDeclaration<Name, To> {
  /** One run. Return a result made by the turn's methods, or a plain value, which completes the task with it. */
  run(turn: Turn<NoInfer<To>>): unknown;
}

const declarationSchema = z.looseObject({
  name: z.string().regex(NAME_PATTERN, `an agent's name must match ${NAME_PATTERN}`),
  handsTo: z.array(z.string().regex(NAME_PATTERN, `an agent's name must match ${NAME_PATTERN}`)).optional(),
  description: z.string().optional(),
  version: z.string().min(1).max(128).optional(),
  deadlineMs: z.number().int().positive().optional(),
});

function declare<Name extends string, To extends string>(declaration: AgentDeclaration<Name, To>): Agent<Name, To> {
  const parsed = declarationSchema.safeParse(declaration);
  if (!parsed.success) {
    throw new InvalidOptionsError(`this agent cannot be defined: ${z.prettifyError(parsed.error)}`);
  }
  const { name, handsTo = [], description, version, deadlineMs, classes } = declaration;
  return {
    name,
    handsTo,
    ...(description === undefined ? {} : { description }),
    ...(version === undefined ? {} : { version }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(classes === undefined ? {} : { classes }),
  };
}

// `NoInfer` on what is returned: written in place in a relay's list, an agent that hands to nobody would otherwise be
// inferred to hand to anybody.

/**
 * An agent made of a plain function.
 * @throws InvalidOptionsError
 */
export function defineAgent<const Name extends string, const To extends string = never>(
  definition: AgentDefinition<Name, To>,
): Agent<Name, NoInfer<To>> {
  if (typeof definition.run !== "function")
    throw new InvalidOptionsError(
      `agent "${definition.name}" needs a run function; use declareAgent for one that runs elsewhere`,
    );
  return { ...declare(definition), run: (turn) => definition.run(turn as Turn<NoInfer<To>>) };
}

/**
 * An agent that runs elsewhere: enough to start tasks for it, without loading what it needs.
 * @throws InvalidOptionsError
 */
export function declareAgent<const Name extends string, const To extends string = never>(
  declaration: AgentDeclaration<Name, To>,
): Agent<Name, NoInfer<To>> {
  return declare(declaration);
}
