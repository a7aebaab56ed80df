import { BackendUnusableError, type QueueAddress } from "@agenthandoff/core";

/** An agent's queue. Two agents, or two relays, never share one. */
export interface SqsQueue {
  /** Of a FIFO queue: `https://sqs.<region>.amazonaws.com/<account>/<name>.fifo`. */
  readonly url: string;
  /** Of the FIFO queue that its redrive policy names. */
  readonly deadLetterUrl: string;
}

/** The queues of one relay, by agent; or, for several relays, a function from a relay and agent to a queue. */
export type SqsQueues = { readonly [agent: string]: SqsQueue } | ((address: QueueAddress) => SqsQueue | undefined);

/** Finds the queue of an agent. Throws BackendUnusableError where there is none that could work. */
export type FindQueue = (address: QueueAddress) => SqsQueue;

export function queueFinder(queues: SqsQueues): FindQueue {
  if (typeof queues === "function") {
    return (address) => usable(address, queues(address));
  }
  for (const [agent, queue] of Object.entries(queues)) assertFifo(agent, queue);
  let owner: string | undefined;
  return (address) => {
    owner ??= address.relayId;
    if (address.relayId !== owner) {
      const message = `these queues serve the relay "${owner}"; give the relay "${address.relayId}" queues, and a backend, of its own`;
      throw new BackendUnusableError(message, { reason: "another-relay" });
    }
    return usable(address, Object.hasOwn(queues, address.agent) ? queues[address.agent] : undefined);
  };
}

function usable({ relayId, agent }: QueueAddress, queue: SqsQueue | undefined): SqsQueue {
  if (queue === undefined) {
    const message = `the relay "${relayId}" has no queue for its agent "${agent}"; name its url and deadLetterUrl in \`queues\``;
    throw new BackendUnusableError(message, { reason: "no-queue" });
  }
  assertFifo(agent, queue);
  return queue;
}

/** The names of FIFO queues, and of no others, end so: no request is needed to know. */
function assertFifo(agent: string, queue: SqsQueue): void {
  for (const url of [queue.url, queue.deadLetterUrl]) {
    if (url.endsWith(".fifo")) continue;
    throw standardQueue(agent, url);
  }
}

export function standardQueue(agent: string, url: string): BackendUnusableError {
  const message = `the queue ${url} of "${agent}" is a standard queue, which keeps no order; create a FIFO queue (its name ends in .fifo) and name that`;
  return new BackendUnusableError(message, { reason: "standard-queue" });
}

/** Of a FIFO queue in SQS: `arn:aws:sqs:<region>:<account>:<name>`. */
const ARN_PATTERN = /^arn:[^:]+:sqs:(?<region>[^:]*):(?<account>[^:]*):(?<name>[^:]+)$/;

/**
 * Whether a queue's URL and an ARN name the same queue. A region or account that the URL does not show, as those of
 * other servers and of private endpoints may not, decides nothing: the name does.
 */
export function isQueueOf(url: string, arn: string): boolean {
  const { region, account, name } = ARN_PATTERN.exec(arn)?.groups ?? {};
  const { hostname, pathname } = new URL(url);
  const [accountOfUrl = "", nameOfUrl] = pathname.split("/").slice(-2);
  const regionOfUrl = /(?:^|\.)sqs\.(?<region>[a-z0-9-]+)\./.exec(hostname)?.groups?.region;
  return (
    name === nameOfUrl &&
    (!/^\d{12}$/.test(accountOfUrl) || account === accountOfUrl) &&
    (regionOfUrl === undefined || region === regionOfUrl)
  );
}
