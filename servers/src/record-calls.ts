/** One request that a client of the AWS SDK sent. A retry is another one. */
export interface RecordedCall {
  /** As AWS calls it: `PutObject`. */
  readonly operation: string;
  /** What the operation was asked for: `{ Bucket, Key, … }`. */
  readonly input: Readonly<Record<string, unknown>>;
}

type Next = (call: { readonly input: object }) => Promise<unknown>;
type Context = { readonly commandName?: string };

/** Any client of the AWS SDK. */
export interface SdkClient {
  readonly middlewareStack: {
    add(
      middleware: (next: Next, context: Context) => Next,
      options: { readonly step?: string; readonly priority?: string; readonly name?: string },
    ): void;
  };
}

/** Every request that the client sends from now on, in order. The array grows as they are sent. */
export function recordCalls(client: SdkClient): readonly RecordedCall[] {
  const calls: RecordedCall[] = [];
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (call) => {
        calls.push({
          operation: commandName.replace(/Command$/, ""),
          input: call.input as Readonly<Record<string, unknown>>,
        });
        return await next(call);
      },
    // Behind the SDK's own retries, so that each of them is seen.
    { step: "finalizeRequest", priority: "low", name: "recordCalls" },
  );
  return calls;
}
