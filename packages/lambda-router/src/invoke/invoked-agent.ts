import { createHash } from "node:crypto";
import {
  type Agent,
  type AgentDeclaration,
  declareAgent,
  InvalidOptionsError,
  type Json,
  parseJson,
  type RunSetting,
  type Turn,
  type TurnResult,
} from "@agenthandoff/core";
import type { InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { agentError, functionError, InvalidAnswerError, invocationError, refusal } from "./errors.js";
import { readResult } from "./result.js";
import {
  answerSchema,
  LARGEST_RESULT_BYTES,
  resultSchema,
  storedName,
  type WireAnswer,
  type WireRequest,
} from "./wire.js";

export interface InvokedAgentDefinition<Name extends string, To extends string> extends AgentDeclaration<Name, To> {
  /** Of the function that runs it: `arn:aws:lambda:<region>:<account>:function:<name>`, with a version or alias or without. */
  readonly functionArn: string;
  /**
   * A client of your own, which stays yours to destroy: let it wait for as long as the function may run, and try once.
   * Default: one in the function's region with the SDK's own chain of credentials.
   */
  readonly client?: LambdaClient;
}

const ARN_PATTERN = /^arn:[^:]+:lambda:(?<region>[^:]+):\d{12}:function:[^:]+(?::[^:]+)?$/;
/** Longer than any function runs. */
const LONGEST_ANSWER_MS = 930_000;
/** The time that the answer has to arrive before its caller stops waiting. */
const ANSWER_MS = 1_000;

/**
 * An agent that a Lambda function runs elsewhere: invoked by its ARN, it answers with what it decided and learned, and the
 * relay commits that. Made by `agentFunction`, or in another language.
 * @throws InvalidOptionsError
 */
export function invokedAgent<const Name extends string, const To extends string = never>(
  definition: InvokedAgentDefinition<Name, To>,
): Agent<Name, NoInfer<To>> {
  const { functionArn, client, ...declaration } = definition;
  const { region } = ARN_PATTERN.exec(functionArn)?.groups ?? {};
  if (region === undefined)
    throw new InvalidOptionsError(
      `the functionArn of agent "${definition.name}" must be a Lambda function's ARN: arn:aws:lambda:<region>:<account>:function:<name>`,
    );
  let own: Promise<LambdaClient> | undefined;
  const clientOf = async (): Promise<LambdaClient> => {
    if (client !== undefined) return client;
    own ??= createClient(region);
    return await own;
  };
  return {
    ...declareAgent<Name, To>(declaration as AgentDeclaration<Name, To>),
    async run(turn, setting) {
      if (setting === undefined)
        throw new InvalidOptionsError(`agent "${definition.name}" is run by a function; only a relay can have it run`);
      const payload = JSON.stringify(requestOf(definition.name, turn, setting));
      const output = await invoke(await clientOf(), functionArn, payload, turn.signal);
      return await resultOf(output, functionArn, turn, setting);
    },
  };
}

/** Loaded with the first run: relays without such agents do without the client. */
async function createClient(region: string): Promise<LambdaClient> {
  const sdk = await import("@aws-sdk/client-lambda");
  return new sdk.LambdaClient({
    region,
    // Whoever tries again counts the attempt.
    maxAttempts: 1,
    // Else a connection that went silent would hold its run for ever.
    requestHandler: { connectionTimeout: 5_000, requestTimeout: LONGEST_ANSWER_MS, throwOnRequestTimeout: true },
  });
}

function requestOf(agent: string, { context, attempt }: Turn, setting: RunSetting): WireRequest {
  return {
    v: 1,
    relay_id: context.relayId,
    task_id: context.taskId,
    hop: context.hop,
    context_s3_key: setting.contextKey,
    handoff_sha256: setting.handoffSha256,
    agent,
    attempt,
    deadline: new Date(setting.deadline - ANSWER_MS).toISOString(),
  };
}

async function invoke(
  client: LambdaClient,
  functionArn: string,
  payload: string,
  signal: AbortSignal,
): Promise<InvokeCommandOutput> {
  const { InvokeCommand } = await import("@aws-sdk/client-lambda");
  const command = new InvokeCommand({
    FunctionName: functionArn,
    InvocationType: "RequestResponse",
    Payload: Buffer.from(payload),
  });
  try {
    return await client.send(command, { abortSignal: signal });
  } catch (error) {
    signal.throwIfAborted();
    throw invocationError(functionArn, error);
  }
}

async function resultOf(
  { FunctionError, Payload }: InvokeCommandOutput,
  functionArn: string,
  turn: Turn,
  setting: RunSetting,
): Promise<TurnResult> {
  const text = Buffer.from(Payload ?? []).toString("utf8");
  if (FunctionError !== undefined) throw failureOf(text, functionArn);
  const answer = parsed(text, answerSchema, functionArn);
  if ("refused" in answer) throw refusal(functionArn, answer.refused);
  if ("error" in answer) throw agentError(answer.error);
  const result =
    "stored" in answer
      ? parsed(await storedText(answer.stored, functionArn, turn, setting), () => resultSchema, functionArn)
      : answer;
  try {
    return readResult(result, turn, setting.codec);
  } catch (error) {
    throw new InvalidAnswerError(functionArn, error instanceof Error ? error.message : String(error));
  }
}

/** What Lambda says of a function that threw or died; in another language it may say it otherwise. */
function failureOf(text: string, functionArn: string): Error {
  const report = z.object({ errorType: z.string().optional(), errorMessage: z.string() });
  const { data } = report.safeParse(jsonOrNothing(text));
  return functionError(functionArn, { name: data?.errorType, message: data?.errorMessage ?? "it does not say why" });
}

function jsonOrNothing(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function parsed<Answer extends WireAnswer>(
  text: string,
  schema: (json: unknown) => z.ZodType<Answer>,
  functionArn: string,
): Answer {
  let json: Json;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new InvalidAnswerError(functionArn, error instanceof Error ? error.message : String(error));
  }
  const { success, data, error } = schema(json).safeParse(json);
  if (!success) throw new InvalidAnswerError(functionArn, z.prettifyError(error));
  return data;
}

async function storedText(
  { sha256, bytes: size }: { readonly sha256: string; readonly bytes: number },
  functionArn: string,
  { signal }: Turn,
  { scratch }: RunSetting,
): Promise<string> {
  if (size > LARGEST_RESULT_BYTES)
    throw new InvalidAnswerError(functionArn, `it stored ${size} bytes; ${LARGEST_RESULT_BYTES} are the most`);
  const bytes = await scratch.get(storedName(sha256), { signal });
  if (bytes === undefined)
    throw new InvalidAnswerError(functionArn, "what it says it stored is not in this relay's store");
  if (bytes.length !== size || createHash("sha256").update(bytes).digest("hex") !== sha256)
    throw new InvalidAnswerError(functionArn, "what it stored does not have the hash that it says");
  return Buffer.from(bytes).toString("utf8");
}
