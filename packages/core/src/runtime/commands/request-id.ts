import { canonicalValue } from "../../codec/index.js";
import { InvalidIdError } from "../../errors/index.js";
import { sha256 } from "../../protocol/index.js";
import type { TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";

/** It is kept in the audit event too, which must always fit. */
const REQUEST_ID_PATTERN = /^[!-~]{1,128}$/;

/**
 * What a commit bears that no delivery causes, so that the same request is found to be done: the caller's own key, or a
 * hash of the request.
 * @throws InvalidIdError, or NotSerializableError when the arguments cannot be written as canonical JSON
 */
export function requestIdOf(
  environment: RelayEnvironment,
  request: { readonly operation: string; readonly head: string | null; readonly arguments: unknown },
  ownKey?: string,
): string {
  if (ownKey === undefined) return sha256(canonicalValue(environment.codec, request));
  if (!REQUEST_ID_PATTERN.test(ownKey)) throw new InvalidIdError("a request id", String(REQUEST_ID_PATTERN));
  return ownKey;
}

/** The hop that bears a request's id: then that request has already succeeded. */
export function findRequest(chain: TaskChain, requestId: string): number | undefined {
  const found = chain.handoffs.findIndex(({ record }) => record.requestId === requestId);
  return found === -1 ? undefined : found;
}
