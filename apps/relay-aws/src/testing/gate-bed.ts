import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type AuditEvent, type Backend, createRelay, declareAgent, type Relay, type TaskRow } from "@agenthandoff/core";
import { type Place, placeOn, RELAY_ID, type TestServers } from "./place.js";
import { eventsOf } from "./python-agent.js";

const LOOK_MS = 50;

/** What stands in an envelope, for tests to say something else. */
export type EnvelopeFields = Readonly<Record<string, string | number | null>>;

/** A relay of which somebody else runs `release`, with hands on all that is stored, sent and told. */
export interface GateBed extends AsyncDisposable {
  readonly place: Place;
  readonly relay: Relay;
  readonly backend: Backend;
  /** A relay that starts and cancels like the other, but that sends nothing, and does not tell the audit of hop 1. */
  readonly silent: Relay;
  /** Starts a task without a message. */
  start(input?: unknown): Promise<string>;
  /** Sends the message of a task's hop 0, with some of its fields changed. */
  send(taskId: string, changes?: EnvelopeFields): Promise<void>;
  kinds(taskId: string): Promise<readonly string[]>;
  /** Waits until the audit tells of so many events of a kind, and gives the last of them. */
  until(taskId: string, kind: string, times?: number): Promise<AuditEvent>;
  row(taskId: string): Promise<TaskRow | undefined>;
  slotKey(taskId: string, hop: number): string;
  slot(taskId: string, hop: number): Promise<Uint8Array>;
  /** The messages of a task that lie in an agent's queue; they are taken out of it. */
  messagesOf(agent: string, taskId: string): Promise<readonly string[]>;
}

/** Looks again and again until there is something to see. */
export async function eventually<Seen>(look: () => Promise<Seen | undefined>): Promise<Seen> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(LOOK_MS);
  }
}

const agents = [
  declareAgent({ name: "release", handsTo: ["code", "deploy"] }),
  declareAgent({ name: "code" }),
  declareAgent({ name: "deploy" }),
] as const;

export async function gateBed(servers: TestServers): Promise<GateBed> {
  const place = await placeOn(servers);
  const backend: Backend = place.backend;
  const { store, transport, audit } = backend;
  const mute: Backend = {
    ...backend,
    transport: { ...transport, send: async () => {} },
    audit: {
      ...audit,
      append: async (event, change) => (event.hop === 1 ? "appended" : await audit.append(event, change)),
    },
  };
  const relay = createRelay({ id: RELAY_ID, agents, backend });
  const silent = createRelay({ id: RELAY_ID, agents, backend: mute });
  const slotKey = (taskId: string, hop: number) =>
    `${RELAY_ID}/slots/${taskId}/${String(hop).padStart(10, "0")}.ndjson.gz`;

  const until = async (taskId: string, kind: string, times = 1): Promise<AuditEvent> =>
    await eventually(async () => {
      const found = (await eventsOf(place, taskId)).filter((event) => `${event.hop} ${event.kind}` === kind);
      return found.length < times ? undefined : found.at(-1);
    });
  return {
    ...{ place, relay, silent, backend, slotKey, until },
    async start(input = "a file") {
      const taskId = `t-${randomUUID().slice(0, 8)}`;
      await silent.start({ to: "release", taskId, input });
      return taskId;
    },
    async send(taskId, changes = {}) {
      const { hop, head } = await relay.task(taskId).head();
      const envelope = {
        ...{ v: 1, relay_id: RELAY_ID, task_id: taskId, hop, from_agent: null, to_agent: "release" },
        ...{ context_s3_key: slotKey(taskId, hop), handoff_sha256: head },
        ...{ sent_at: "2026-01-02T03:04:05.678Z", generation: 0, ...changes },
      };
      const message = { body: JSON.stringify(envelope), groupId: taskId, deduplicationId: randomUUID() };
      await transport.send({ relayId: RELAY_ID, agent: "release" }, message);
    },
    kinds: async (taskId) => (await eventsOf(place, taskId)).map(({ hop, kind }) => `${hop} ${kind}`),
    row: (taskId) => audit.task(RELAY_ID, taskId),
    async slot(taskId, hop) {
      const bytes = await store.get(slotKey(taskId, hop));
      if (bytes === undefined) throw new Error(`slot ${hop} of ${taskId} is empty`);
      return bytes;
    },
    async messagesOf(agent, taskId) {
      const bodies: string[] = [];
      for (;;) {
        const options = { max: 10, waitMs: 1_000, visibilityMs: 60_000 };
        const deliveries = await transport.receive({ relayId: RELAY_ID, agent }, options);
        if (deliveries.length === 0) return bodies;
        for (const delivery of deliveries) {
          if (delivery.groupId === taskId) bodies.push(delivery.body);
          await delivery.acknowledge();
        }
      }
    },
    async [Symbol.asyncDispose]() {
      await relay.close();
      await place[Symbol.asyncDispose]();
    },
  };
}
