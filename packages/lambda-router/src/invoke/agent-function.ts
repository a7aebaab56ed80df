import { createHash } from "node:crypto";
import { parseOptions } from "@agenthandoff/aws-common";
import {
  InvalidOptionsError,
  NonRetryableError,
  type PreparedRun,
  type Relay,
  stringifyJson,
} from "@agenthandoff/core";
import { z } from "zod";
import type { FunctionContext } from "../event.js";
import { marginSchema } from "../options.js";
import { writeError, writeResult } from "./result.js";
import { LARGEST_RESULT_BYTES, requestSchema, storedName, type WireAnswer, type WireRequest } from "./wire.js";

export interface AgentFunctionOptions<Name extends string = string> {
  /** The agent that this function runs. */
  readonly agent: Name;
  /** What is left of the invocation when the run is told to stop, in milliseconds: for the answer. Default: 5,000. */
  readonly marginMs?: number;
}

/** A Lambda's handler that a relay elsewhere invokes. */
export type AgentFunction = (event: unknown, context: FunctionContext) => Promise<WireAnswer>;

/** Lambda takes answers of 6 MB; the rest is for how its runtime may write them. */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

/**
 * An agent as a function that its relay invokes from elsewhere, where it is an `invokedAgent`. Reads and verifies the
 * task's chain up to the hop that asks, runs the agent, and answers; it commits, records and sends nothing.
 * @param relay of the same id, on the same bucket and prefix, with the agent's definition; the others may be declared
 * @throws InvalidOptionsError, also when it is called by somebody else than a relay
 */
export function agentFunction<Name extends string>(
  relay: Relay<Name>,
  options: AgentFunctionOptions<Name>,
): AgentFunction {
  const names = relay.agents.filter(({ run }) => run !== undefined).map(({ name }) => name);
  const agent = z.enum(names as [Name, ...Name[]], `must be an agent that this relay defines: ${names.join(", ")}`);
  const schema = z.strictObject({ agent, marginMs: marginSchema });
  const { agent: name, marginMs } = parseOptions("agentFunction", schema, options);

  return async (event, context) => {
    const request = parseRequest(event);
    const now = relay.clock.now();
    const deadline = Math.min(Date.parse(request.deadline), now + context.getRemainingTimeInMillis() - marginMs);
    const stop = new AbortController();
    const ended = new AbortController();
    const late = relay.clock.sleep(Math.max(0, deadline - now), ended.signal).then(
      () => {
        const error = new Error(
          `the run did not end within ${deadline - now} ms, when its function or its caller ends`,
        );
        stop.abort(error);
        throw error;
      },
      // Done in time: the other one has won.
      () => new Promise<never>(() => {}),
    );
    try {
      return await Promise.race([answer(request, deadline, stop.signal), late.catch(thrown)]);
    } finally {
      ended.abort();
    }
  };

  async function answer(request: WireRequest, deadline: number, signal: AbortSignal): Promise<WireAnswer> {
    let prepared: PreparedRun;
    try {
      prepared = await prepare(request, deadline, signal);
    } catch (error) {
      return { refused: writeError(error) };
    }
    try {
      const result = writeResult(await prepared.run(), prepared.setting.codec);
      const text = stringifyJson(result as never);
      const bytes = Buffer.from(text);
      if (bytes.length <= MAX_ANSWER_BYTES) return result;
      if (bytes.length > LARGEST_RESULT_BYTES)
        throw new NonRetryableError(
          `what ${name} returned has ${bytes.length} bytes; ${LARGEST_RESULT_BYTES} are the most that travel back. Let it run beside its relay`,
        );
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await prepared.setting.scratch.put(storedName(sha256), bytes);
      return { stored: { sha256, bytes: bytes.length } };
    } catch (error) {
      return thrown(error);
    }
  }

  async function prepare(request: WireRequest, deadline: number, signal: AbortSignal): Promise<PreparedRun> {
    if (request.relay_id !== relay.id || request.agent !== name)
      throw new InvalidOptionsError(
        `it runs ${name} of the relay ${relay.id}, not ${request.agent} of ${request.relay_id}; correct the functionArn of that agent`,
      );
    return await relay.prepareRun({
      agent: name,
      taskId: request.task_id,
      hop: request.hop,
      handoffSha256: request.handoff_sha256,
      contextKey: request.context_s3_key,
      attempt: request.attempt,
      deadline,
      signal,
    });
  }
}

function thrown(error: unknown): WireAnswer {
  return { error: writeError(error) };
}

function parseRequest(event: unknown): WireRequest {
  const parsed = requestSchema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new InvalidOptionsError(
    `this is not how a relay invokes an agent's function; name its ARN as an invokedAgent's functionArn, and connect it to nothing else: ${z.prettifyError(parsed.error)}`,
  );
}
