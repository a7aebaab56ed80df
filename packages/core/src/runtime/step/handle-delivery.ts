import { ContextIntegrityError, hasCode, isBackendError } from "../../errors/index.js";
import type { AuditEvent, Delivery } from "../../ports/index.js";
import { type Envelope, MAX_HOP, parseEnvelope, parseMessage } from "../../protocol/index.js";
import { countAttempts, type DeliveryFinding, deliveryFinding, NO_TASK } from "../audit/events.js";
import { isDamage, twiceBeforeDamage } from "../chain/damage.js";
import { findHead } from "../chain/head.js";
import { readChain } from "../chain/read-chain.js";
import type { TaskChain } from "../chain/task-chain.js";
import { collect } from "../collect.js";
import { type RelayEnvironment, timestamp } from "../environment.js";
import { help } from "../help.js";
import { acceptObject } from "./accept-object.js";
import { backoffDelay } from "./backoff.js";
import { executeHandoff } from "./execute-handoff.js";
import { finishWith } from "./finish.js";
import { judge } from "./judge.js";
import { buildFailure } from "./prepare-commit.js";
import type { DeliveryOutcome, StepSetting } from "./setting.js";

/** How long a message that this worker does not understand stays invisible, so that another may take it. */
const NOT_UNDERSTOOD_DELAY_MS = 5_000;
/** After as many receipts nobody seems to be there who could: then it waits longer each time. */
const HOPEFUL_RECEIPTS = 10;

/**
 * One delivery, from receipt to acknowledgement, release or rejection. Rejects when even giving the message back
 * failed (it then comes again by itself), and for what nobody foresaw.
 * @param receivedAt when it was received, by the relay's clock: a lease that is older is extended before a run
 */
export async function handleDelivery(
  setting: StepSetting,
  delivery: Delivery,
  receivedAt: number = setting.environment.clock.now(),
): Promise<DeliveryOutcome> {
  const { environment, agent } = setting;
  const parse = environment.acceptUnversioned === undefined ? parseEnvelope : parseMessage;
  const reading = parse(delivery.body);
  const where = whereOf(reading);
  const note = (kind: DeliveryFinding, reason: string): AuditEvent =>
    deliveryFinding(
      kind,
      { relayId: environment.relayId, ...where, agent: agent.name, delivery: delivery.id, at: timestamp(environment) },
      reason,
    );
  try {
    return await attempt();
  } catch (error) {
    return await giveBack(error);
  }

  async function attempt(): Promise<DeliveryOutcome> {
    if (reading.status === "unusable") return await reject(reading.reason);
    if (reading.status === "not-understood") return await leave(reading.reason);
    if (reading.status === "unversioned") return await acceptObject(setting, delivery, reading.message, reject);
    const { envelope } = reading;
    if (envelope.relayId !== environment.relayId) return await reject("the envelope belongs to another relay");
    if (envelope.hop >= MAX_HOP) return await reject("the envelope's hop is beyond every chain");
    if (envelope.contextKey !== environment.keys.slot(envelope.taskId, envelope.hop)) {
      return await refuse("the envelope's context_s3_key is not the key of its task and hop");
    }
    const found = await twiceBeforeDamage(({ fresh }) => locate(environment, envelope, delivery, fresh));
    if (found.position === "ahead")
      return await refuse("the envelope's hop is not filled, and lies ahead of the task's head");
    if (found.position === "behind") {
      await help(environment, found.chain, envelope.hop + 1);
      await delivery.acknowledge();
      return { status: "helped" };
    }
    return await execute(envelope, found.chain);
  }

  async function execute(envelope: Envelope, chain: TaskChain): Promise<DeliveryOutcome> {
    const verdict = judge({
      envelope,
      chain,
      agent,
      versions: environment.versions,
      knowsClass: environment.codec.hasClass,
      now: environment.clock.now(),
    });
    if (verdict.action === "refuse") return await refuse(verdict.reason);
    if (verdict.action === "leave") return await leave(verdict.reason);
    const author = { fromAgent: agent.name, agentVersion: agent.version, attempt: delivery.id };
    if (verdict.action === "fail")
      return await finishWith(
        setting,
        delivery,
        chain,
        buildFailure(environment, chain, author, { reason: verdict.reason }),
      );

    const attempts = isFirst(envelope, delivery)
      ? { counted: 0, openEnded: false }
      : countAttempts(await eventsOfHop(environment, envelope));
    if (attempts.counted >= environment.limits.maxAttempts) {
      const reason = `${agent.name} was run ${attempts.counted} times without success (maxAttempts)`;
      return await finishWith(setting, delivery, chain, buildFailure(environment, chain, author, { reason }));
    }
    return await executeHandoff(setting, { delivery, receivedAt, chain, attempts });
  }

  async function reject(reason: string): Promise<DeliveryOutcome> {
    await environment.backend.audit.append(note("rejected", reason));
    await delivery.reject(reason);
    return { status: "rejected", reason };
  }

  async function refuse(reason: string): Promise<DeliveryOutcome> {
    await environment.backend.audit.append(note("refused", reason));
    await delivery.acknowledge();
    return { status: "refused", reason };
  }

  async function leave(reason: string): Promise<DeliveryOutcome> {
    await environment.backend.audit.append(note("not_understood", reason));
    // Jittered, so that workers do not meet. Constant at first, since whoever understands it may be idle; then longer,
    // or the hours for which a newer version was taken back would use up the queue's receive count.
    const doublings = Math.min(Math.max(0, delivery.receiveCount - HOPEFUL_RECEIPTS), 52);
    const delayMs = Math.min(environment.limits.maxBackoffMs, NOT_UNDERSTOOD_DELAY_MS * 2 ** doublings);
    await delivery.release(Math.round(delayMs * (0.5 + environment.random.number())));
    return { status: "not-understood", reason };
  }

  async function giveBack(error: unknown): Promise<DeliveryOutcome> {
    if (hasCode(error, "TASK_ERASED")) {
      await delivery.acknowledge();
      return { status: "erased" };
    }
    if (hasCode(error, "NOT_UNDERSTOOD")) return await leave(error.message);
    const damaged = isDamage(error);
    if (damaged) await environment.backend.audit.append(note("damaged", error.message), { damaged: true });
    // An outage must not eat the queue's receive count, so each release waits longer than the one before.
    await delivery.release(backoffDelay(environment.limits, delivery.receiveCount + 1, environment.random));
    if (!damaged && !isBackendError(error)) throw error;
    return { status: damaged ? "damaged" : "released", reason: error.message };
  }
}

/** The place in a task that a message speaks of, for the audit. */
function whereOf(reading: ReturnType<typeof parseMessage>): { readonly taskId: string; readonly hop: number } {
  if (reading.status === "read") return { taskId: reading.envelope.taskId, hop: reading.envelope.hop };
  return { taskId: reading.status === "unversioned" ? reading.message.taskId : NO_TASK, hop: 0 };
}

type Located = { readonly position: "head" | "behind"; readonly chain: TaskChain } | { readonly position: "ahead" };

/** Where an envelope's hop lies in its task's chain, and that chain up to its head. */
async function locate(
  environment: RelayEnvironment,
  envelope: Envelope,
  delivery: Delivery,
  fresh: boolean,
): Promise<Located> {
  const { taskId, hop } = envelope;
  const known = environment.chains.get(taskId)?.handoffs.length ?? 0;
  if (isFirst(envelope, delivery) && known <= hop + 1) {
    const { chain, next } = await readChain(environment, taskId, hop, { probeNext: true, fresh });
    if (chain !== undefined && next === undefined) return { position: "head", chain };
  }
  // Not the first delivery, or something is unusual: only a listing of all slots shows a gap.
  const head = await findHead(environment, taskId, { fresh: true });
  if (head === undefined || head < hop) return { position: "ahead" };
  const { chain } = await readChain(environment, taskId, head, { fresh });
  if (chain === undefined)
    throw new ContextIntegrityError(`task ${taskId} is damaged: the slot of hop ${head} is listed, yet it is empty`);
  return { position: head === hop ? "head" : "behind", chain };
}

function isFirst(envelope: Envelope, delivery: Delivery): boolean {
  return delivery.receiveCount === 1 && envelope.generation === 0;
}

async function eventsOfHop(environment: RelayEnvironment, { taskId, hop }: Envelope): Promise<AuditEvent[]> {
  return await collect(environment.backend.audit.events(environment.relayId, taskId, { hop }));
}
