/** One queue: an agent's, in a relay. Relays never share a queue. */
export interface QueueAddress {
  readonly relayId: string;
  readonly agent: string;
}

/**
 * How envelopes reach workers: FIFO queues with message groups, visibility and deduplication, as SQS means them.
 *
 * Each sentence of this contract is a promise. `transportSuite` of `@agenthandoff/conformance` checks all that a test can see.
 * Nothing here is needed for safety (slots decide), so a transport may deliver a message more than once and, after
 * a redrive, out of order; it may not lose an accepted message.
 *
 * Every method rejects with a `TransportError` when the queue fails or does not answer; a rejected `send` is ambiguous.
 * Every method that takes a `signal`, `receive` apart, rejects with its reason once it is aborted.
 */
export interface Transport {
  /** The largest body, in bytes of UTF-8, that `send` takes; a larger one rejects with `ContextTooLargeError`. */
  readonly maxMessageBytes: number;

  /** The longest time, in milliseconds, that a delivery can stay invisible, by `receive`, `extend` or `release`. */
  readonly maxVisibilityMs: number;

  /** For how long, in milliseconds, a repeated deduplication id is dropped. */
  readonly deduplicationMs: number;

  /**
   * Accepts a message: once this resolves, it will be delivered until it is acknowledged or dead, and survives the
   * end of every process. A message whose deduplication id was accepted by the same queue within `deduplicationMs`
   * is dropped silently, even when the first one has been acknowledged since.
   */
  send(queue: QueueAddress, message: OutgoingMessage, options?: { readonly signal?: AbortSignal }): Promise<void>;

  /**
   * Up to `max` messages that nobody else holds, each now invisible to others for `visibilityMs`. Waits up to
   * `waitMs` for the first. Messages of one group come in the order of their acceptance: while one is held, or
   * released with a delay that has not passed, none behind it is delivered to anybody (a batch may hold several of one
   * group, in order; those ahead of it may wait too). Groups do not wait for each other. Aborting `signal` ends the
   * wait: it resolves to `[]`.
   */
  receive(queue: QueueAddress, options: ReceiveOptions): Promise<readonly Delivery[]>;

  /** The messages in the queue's dead-letter queue, without taking them, the first to die first. */
  deadLetters(queue: QueueAddress, options?: { readonly signal?: AbortSignal }): AsyncIterable<DeadLetter>;

  /**
   * Moves dead messages back to the queue (all, or those with the given ids) with a fresh receive count and past any
   * deduplication, and resolves to how many.
   */
  redrive(
    queue: QueueAddress,
    options?: { readonly ids?: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<number>;
}

export interface OutgoingMessage {
  /** Printable ASCII. */
  readonly body: string;
  /** Messages of one group keep their order. At most 128 ASCII letters, digits and punctuation marks; no spaces. */
  readonly groupId: string;
  /** As a group id: at most 128 ASCII letters, digits and punctuation marks. */
  readonly deduplicationId: string;
  /** W3C trace context, for transports that carry it beside the body. */
  readonly traceparent?: string;
}

export interface ReceiveOptions {
  /** At least 1; a transport may return fewer. */
  readonly max: number;
  /** How long to wait for a first message, in milliseconds; 0 looks once. */
  readonly waitMs: number;
  readonly visibilityMs: number;
  readonly signal?: AbortSignal;
}

/**
 * One receipt of a message, and the lease that comes with it. The lease ends when this delivery is acknowledged,
 * released or rejected. It is lost once its visibility has run out and the message was received again (a transport may
 * count it as lost as soon as the visibility has run out).
 */
export interface Delivery {
  /** `<message id>.<receive count>`: unique for each receipt; a redrive makes a new message of it, with a new id. */
  readonly id: string;
  readonly body: string;
  readonly groupId: string;
  /** 1 at the first receipt. */
  readonly receiveCount: number;

  /** Removes the message for good. `"lease-lost"` when this delivery no longer holds it; then nothing has changed. */
  acknowledge(): Promise<"done" | "lease-lost">;

  /** Keeps the message invisible for `visibilityMs` from now. `"lease-lost"` when this delivery no longer holds it. */
  extend(visibilityMs: number): Promise<"done" | "lease-lost">;

  /** Gives the message back, to be delivered again after `delayMs`. `"lease-lost"` when this delivery no longer holds it. */
  release(delayMs: number): Promise<"done" | "lease-lost">;

  /** Moves the message to the dead-letter queue with the reason (at most 1,024 characters are kept). `"lease-lost"` when this delivery no longer holds it. */
  reject(reason: string): Promise<"done" | "lease-lost">;
}

export interface DeadLetter {
  /** What `redrive` takes. */
  readonly id: string;
  readonly body: string;
  readonly groupId: string;
  /** Why it is here, where known: the text given to `reject`, or that it was received too often. */
  readonly reason?: string;
}
