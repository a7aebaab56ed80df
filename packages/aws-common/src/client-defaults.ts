/** What a driver adds to the options of an SDK client that it makes itself. */
export interface ClientDefaults {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/**
 * Without these a connection that went silent would hold its caller for ever: the SDK's own default is no limit, and
 * a limit alone only logs a warning.
 * @param longestAnswerMs How long one request may take, in milliseconds, retries not counted. A long poll needs more than its wait.
 */
export function clientDefaults(longestAnswerMs = 30_000): ClientDefaults {
  return {
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: longestAnswerMs, throwOnRequestTimeout: true },
  };
}
