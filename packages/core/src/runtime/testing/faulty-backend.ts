import { AuditError, StoreError, TransportError } from "../../errors/index.js";
import type { AuditLog, Backend, Clock, ContextStore, Delivery, Transport } from "../../ports/index.js";

/**
 * What goes wrong with a call: it fails before its effect, it fails after it (its answer is lost), it is slow, or it
 * never ends (until its signal is aborted; `deaf`: not even then).
 */
export type FaultKind = "before" | "after" | "hang" | "deaf" | { readonly delayMs: number };

export interface FaultyBackend {
  readonly backend: Backend;
  /** Every call in order, in short: `put slot:1`, `append committed:1`, `send code:1.0`, `acknowledge`. */
  readonly trace: string[];
  /** Lets the next `times` calls whose line in the trace begins with `call` go wrong. */
  fail(call: string, kind: FaultKind, times?: number): void;
  /** Heals everything. */
  heal(): void;
  /** The process dies, now or before a call: none of its calls has an effect any more, or ends. */
  die(before?: string): void;
  /** Called before each call; may throw, or wait, or never end. */
  intercept: (call: string) => unknown;
  /** Called after each call's effect, before its caller learns of it. */
  afterwards: (call: string) => unknown;
}

type Act<T> = () => Promise<T>;

/** A backend that does what it is told to do wrong, and remembers what it was asked. */
export function faultyBackend(inner: Backend, clock: Clock): FaultyBackend {
  const faults: { call: string; kind: FaultKind; times: number }[] = [];
  const trace: string[] = [];

  function takeFault(call: string): FaultKind | undefined {
    const fault = faults.find((each) => each.times > 0 && call.startsWith(each.call));
    if (fault === undefined) return undefined;
    fault.times--;
    return fault.kind;
  }

  async function perform<T>(call: string, error: () => Error, act: Act<T>, signal?: AbortSignal): Promise<T> {
    await self.intercept(call);
    trace.push(call);
    const fault = takeFault(call);
    if (fault === "before") throw error();
    if (fault === "deaf") return await new Promise<never>(() => {});
    if (fault === "hang") return await untilAborted(signal);
    if (typeof fault === "object") await clock.sleep(fault.delayMs, signal);
    const result = await act();
    await self.afterwards(call);
    if (fault === "after") throw error();
    return result;
  }

  const self: FaultyBackend = {
    trace,
    fail: (call, kind, times = 1) => void faults.push({ call, kind, times }),
    heal: () => void faults.splice(0),
    die(before = "") {
      self.intercept = (call) => {
        if (!call.startsWith(before)) return undefined;
        self.die();
        return new Promise(() => {});
      };
    },
    intercept: () => {},
    afterwards: () => {},
    backend: {
      ...inner,
      store: faultyStore(inner.store, (call, act, signal) =>
        perform(call, () => new StoreError(call.split(" ")[0] ?? "", { hint: "injected" }), act, signal),
      ),
      audit: faultyAudit(inner.audit, (call, act, signal) =>
        perform(call, () => new AuditError(call.split(" ")[0] ?? "", { hint: "injected" }), act, signal),
      ),
      transport: faultyTransport(inner.transport, (call, act, signal) =>
        perform(call, () => new TransportError(call.split(" ")[0] ?? "", { hint: "injected" }), act, signal),
      ),
      flush: () =>
        perform(
          "flush",
          () => new StoreError("flush"),
          async () => {},
        ),
    },
  };
  return self;
}

type Perform = <T>(call: string, act: Act<T>, signal?: AbortSignal) => Promise<T>;

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted === true) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** A key in short: what it is of, and the hop where it is a slot. */
function short(key: string): string {
  const slot = /\/slots\/[^/]+\/0*(\d+)\.ndjson\.gz$/.exec(key);
  if (slot !== null) return `slot:${slot[1]}`;
  return /\/(slots|blobs|runs)\//.exec(key)?.[1] ?? key;
}

function faultyStore(store: ContextStore, perform: Perform): ContextStore {
  return {
    putIfAbsent: (key, bytes, options) =>
      perform(`put ${short(key)}`, () => store.putIfAbsent(key, bytes, options), options?.signal),
    get: (key, options) => perform(`get ${short(key)}`, () => store.get(key, options), options?.signal),
    async *list(prefix, options) {
      await perform(`list ${short(prefix)}`, async () => {}, options?.signal);
      yield* store.list(prefix, options);
    },
    overwrite: (key, bytes, options) => perform(`overwrite ${short(key)}`, () => store.overwrite(key, bytes, options)),
    delete: (key, options) => perform(`delete ${short(key)}`, () => store.delete(key, options)),
  };
}

function faultyAudit(audit: AuditLog, perform: Perform): AuditLog {
  return {
    ...audit,
    append: (event, change) => perform(`append ${event.kind}:${event.hop}`, () => audit.append(event, change)),
    async *events(...given) {
      await perform("events", async () => {});
      yield* audit.events(...given);
    },
    async *tasks(...given) {
      await perform("tasks", async () => {});
      yield* audit.tasks(...given);
    },
    async *intents(...given) {
      await perform("intents", async () => {});
      yield* audit.intents(...given);
    },
    task: (...given) => perform("task", () => audit.task(...given)),
    intend: (intent) => perform(`intend ${intent.operation}`, () => audit.intend(intent)),
    settle: (...given) => perform("settle", () => audit.settle(...given)),
    erase: (...given) => perform("erase", () => audit.erase(...given)),
  };
}

function faultyTransport(transport: Transport, perform: Perform): Transport {
  const faultyDelivery = (delivery: Delivery): Delivery => ({
    ...delivery,
    acknowledge: () => perform("acknowledge", () => delivery.acknowledge()),
    extend: (visibilityMs) => perform("extend", () => delivery.extend(visibilityMs)),
    release: (delayMs) => perform(`release ${Math.round(delayMs)}`, () => delivery.release(delayMs)),
    reject: (reason) => perform("reject", () => delivery.reject(reason)),
  });
  return {
    ...transport,
    send: (queue, message, options) => {
      const { hop, generation } = JSON.parse(message.body) as { hop: number; generation: number };
      return perform(`send ${queue.agent}:${hop}.${generation}`, () => transport.send(queue, message, options));
    },
    receive: (queue, options) =>
      perform(`receive ${queue.agent}`, async () => (await transport.receive(queue, options)).map(faultyDelivery)),
  };
}
