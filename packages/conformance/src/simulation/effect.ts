import type { Intent, QueueAddress } from "@agenthandoff/core";

/** Something that happened to the data. */
export type Effect =
  | { readonly kind: "put"; readonly key: string; readonly bytes: Uint8Array; readonly answer: "created" | "exists" }
  | { readonly kind: "overwrite" | "delete"; readonly key: string; readonly bytes?: Uint8Array }
  | { readonly kind: "get"; readonly key: string }
  | { readonly kind: "send"; readonly queue: QueueAddress; readonly body: string }
  | {
      readonly kind: "acknowledge";
      readonly body: string;
      readonly delivery: string;
      readonly answer: "done" | "lease-lost";
    }
  | { readonly kind: "append"; readonly taskId: string }
  | { readonly kind: "intend"; readonly intent: Intent }
  /** `byOwner`: by the process that had announced it. */
  | { readonly kind: "settle"; readonly intentId: string; readonly byOwner: boolean }
  | { readonly kind: "deliver"; readonly body: string; readonly delivery: string }
  /** A process did what does not fit what it had heard. */
  | { readonly kind: "misconduct"; readonly invariant: string; readonly what: string };

/** Told each effect in the moment it happens, before anybody learns of it. */
export type Observe = (effect: Effect) => void | Promise<void>;
