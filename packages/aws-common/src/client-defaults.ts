/** What a driver makes an SDK client of its own with. */
export interface ClientDefaults {
  readonly region?: string;
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    readonly socketTimeout: number;
  };
}

const CONNECTION_TIMEOUT_MS = 5_000;
const MAX_ATTEMPTS = 5;

/** How long one request of a client of our own may take, in milliseconds, retries not counted. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Credentials, and the region unless it is given, come by the SDK's own chain. Without these limits a connection that
 * went silent, or an answer that stopped in the middle, would hold its caller for ever: the SDK has none by default, and
 * the first one alone only logs a warning.
 * @param timeoutMs How long one request may take, retries not counted. A long poll needs more than its wait.
 */
export function clientDefaults(region?: string, timeoutMs: number = DEFAULT_TIMEOUT_MS): ClientDefaults {
  return {
    ...(region === undefined ? {} : { region }),
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
    },
  };
}
