import { type FakeClock, fakeClock, type MemoryData, memory, memoryData, seededRandom } from "../../memory/index.js";
import type { AuditEvent, Delivery, Intent, TaskRow } from "../../ports/index.js";
import { type Decision, type Envelope, type HandoffRecord, serializeEnvelope } from "../../protocol/index.js";
import type { Agent } from "../agent/agent.js";
import { readToHead } from "../chain/head.js";
import { headOf } from "../chain/task-chain.js";
import { collect } from "../collect.js";
import { createEnvironment } from "../create-environment.js";
import type { RelayEnvironment } from "../environment.js";
import type { RelayOptions } from "../options.js";
import { createRelayOn, type Relay } from "../relay.js";
import type { RelayEvent } from "../relay-event.js";
import { envelopeFor } from "../send.js";
import { handleDelivery } from "../step/handle-delivery.js";
import { createRunGate, type RunGate } from "../step/run-gate.js";
import type { DeliveryOutcome } from "../step/setting.js";
import { type FaultyBackend, faultyBackend } from "./faulty-backend.js";

export const VISIBILITY_MS = 10_000;

export type BedOptions = Partial<Omit<RelayOptions<readonly Agent[]>, "backend" | "clock" | "agents">> & {
  readonly agents: readonly Agent[];
  /** The seed of its randomness. */
  readonly seed?: number;
  readonly maxReceiveCount?: number;
  readonly maxEventBytes?: number;
  readonly maxMessageBytes?: number;
  /** How far its own clock is ahead. */
  readonly skewMs?: number;
};

/** One process of a relay in memory, under a test's control: its time, its faults, one delivery at a time. */
export interface Bed extends FaultyBackend {
  readonly clock: FakeClock;
  readonly data: MemoryData;
  readonly environment: RelayEnvironment;
  readonly relay: Relay;
  readonly gate: RunGate;
  /** What its observer was told. */
  readonly observed: RelayEvent[];
  /** Aborting it with "drained" drains the runs. */
  readonly drain: AbortController;
  /** Another process on the same data and clock. */
  another(options?: Partial<BedOptions>): Bed;
  receive(agent: string): Promise<Delivery | undefined>;
  handle(agent: string, delivery: Delivery, receivedAt?: number): Promise<DeliveryOutcome>;
  /** Receives one message and handles it, letting time pass as it is needed; fails when there is none. */
  deliver(agent: string): Promise<DeliveryOutcome>;
  /** Resolves as the promise does, letting time pass meanwhile. */
  settled<T>(promise: Promise<T>, stepMs?: number): Promise<T>;
  /** Sends an envelope for the task's hop (default: its head), altered at will, to a queue (default: its agent's). */
  send(taskId: string, changes?: Partial<Envelope>, hop?: number, queue?: string): Promise<void>;
  sendBody(agent: string, body: string, id?: string): Promise<void>;
  /** Messages in an agent's queue, visible or not. */
  queued(agent: string): number;
  deadLetters(agent: string): Promise<readonly (string | undefined)[]>;
  events(taskId: string): Promise<readonly AuditEvent[]>;
  /** The kinds of a task's events, as `kind:hop`, in the order of their appending. */
  kinds(taskId: string): readonly string[];
  row(taskId: string): Promise<TaskRow | undefined>;
  intents(): Promise<readonly Intent[]>;
  /** Each hop's decision, as the slots have it. */
  decisions(taskId: string): Promise<readonly Decision["kind"][]>;
  head(taskId: string): Promise<HandoffRecord>;
  slotKey(taskId: string, hop: number): string;
  /** Takes an object out of the store; resolves to its bytes. */
  remove(key: string): Promise<Uint8Array>;
}

export function createBed(options: BedOptions): Bed {
  return bedOn(options, { data: memoryData(), clock: fakeClock(), processes: { count: 0 } });
}

function bedOn(
  options: BedOptions,
  world: { readonly data: MemoryData; readonly clock: FakeClock; readonly processes: { count: number } },
): Bed {
  const { data, clock } = world;
  const { seed = 1, maxReceiveCount, maxEventBytes, maxMessageBytes, skewMs = 0, ...relayOptions } = options;
  const plain = memory({
    data,
    clock,
    visibilityMs: VISIBILITY_MS,
    ...(maxReceiveCount !== undefined && { maxReceiveCount }),
    ...(maxEventBytes !== undefined && { maxEventBytes }),
    ...(maxMessageBytes !== undefined && { maxMessageBytes }),
  });
  const faulty = faultyBackend(plain, clock);
  const observed: RelayEvent[] = [];
  const environment = createEnvironment({
    id: "relay",
    observer: (event) => void observed.push(event),
    ...relayOptions,
    clock: { now: () => clock.now() + skewMs, sleep: clock.sleep },
    // Two processes must not draw the same ids.
    random: options.random ?? seededRandom(seed + 1_000 * world.processes.count++),
    backend: faulty.backend,
  });
  const { keys } = environment;
  const gate = createRunGate(10);
  const drain = new AbortController();
  const chain = async (taskId: string) => await readToHead({ ...environment, backend: plain }, taskId, { fresh: true });

  const bed: Bed = Object.assign(faulty, {
    clock,
    data,
    environment,
    relay: createRelayOn(environment),
    gate,
    observed,
    drain,
    another: (changes: Partial<BedOptions> = {}) => bedOn({ ...options, ...changes }, world),
    async receive(agent: string) {
      const [delivery] = await faulty.backend.transport.receive(
        { relayId: "relay", agent },
        { max: 1, waitMs: 0, visibilityMs: VISIBILITY_MS },
      );
      return delivery;
    },
    async handle(agent: string, delivery: Delivery, receivedAt?: number) {
      const found = environment.agents.get(agent);
      if (found === undefined) throw new Error(`no agent ${agent}`);
      return await handleDelivery({ environment, agent: found, gate, drain: drain.signal }, delivery, receivedAt);
    },
    async deliver(agent: string) {
      for (let wait = 0; wait < 2_000; wait++) {
        const delivery = await bed.receive(agent);
        if (delivery !== undefined) return await bed.settled(bed.handle(agent, delivery));
        await clock.advance(1_000);
      }
      throw new Error(`nothing is in the queue of ${agent}`);
    },
    async settled<T>(promise: Promise<T>, stepMs = 100) {
      let done = false;
      const end = promise.then(
        () => {},
        () => {},
      );
      void end.then(() => {
        done = true;
      });
      for (let steps = 0; !done; steps++) {
        if (steps > 200_000) throw new Error("it never ends, however much time passes");
        await clock.advance(stepMs);
      }
      return await promise;
    },
    async send(taskId: string, changes: Partial<Envelope> = {}, hop?: number, queue?: string) {
      const { handoffs } = await chain(taskId);
      const handoff = handoffs[hop ?? handoffs.length - 1];
      const envelope = handoff === undefined ? undefined : envelopeFor(environment, handoff);
      if (envelope === undefined) throw new Error("that hop sends nothing");
      await bed.sendBody(queue ?? envelope.toAgent, serializeEnvelope({ ...envelope, ...changes }));
    },
    async sendBody(agent: string, body: string, id: string = environment.random.id()) {
      const { taskId } = /"task_id":"(?<taskId>[^"]*)"/.exec(body)?.groups ?? {};
      const message = { body, groupId: taskId ?? "none", deduplicationId: id };
      await plain.transport.send({ relayId: "relay", agent }, message);
    },
    queued: (agent: string) => data.queues.get(JSON.stringify(["relay", agent]))?.messages.size ?? 0,
    async deadLetters(agent: string) {
      return (await collect(plain.transport.deadLetters({ relayId: "relay", agent }))).map(({ reason }) => reason);
    },
    events: async (taskId: string) => await collect(plain.audit.events("relay", taskId)),
    kinds: (taskId: string) =>
      [...(data.tasks.get("relay")?.get(taskId)?.events.values() ?? [])].map(({ kind, hop }) => `${kind}:${hop}`),
    row: async (taskId: string) => await plain.audit.task("relay", taskId),
    intents: async () => await collect(plain.audit.intents("relay")),
    decisions: async (taskId: string) => (await chain(taskId)).handoffs.map(({ record }) => record.decision.kind),
    head: async (taskId: string) => headOf(await chain(taskId)).record,
    slotKey: (taskId: string, hop: number) => keys.slot(taskId, hop),
    async remove(key: string) {
      const bytes = await plain.store.get(key);
      if (bytes === undefined) throw new Error(`there is no ${key}`);
      await plain.store.delete(key);
      return bytes;
    },
  });
  return bed;
}
