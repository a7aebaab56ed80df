import { randomUUID } from "node:crypto";
import type { QueueAddress } from "@agenthandoff/core";
import type { ClientConfiguration } from "@agenthandoff/test-servers/vitest";
import { type QueueAttributeName, SQS, type SQSClientConfig } from "@aws-sdk/client-sqs";
import type { SqsQueue } from "../queues.js";

export type Attributes = { readonly [Name in QueueAttributeName]?: string };

export interface NewQueue {
  readonly maxReceiveCount?: number;
  readonly attributes?: Attributes;
  readonly deadLetterAttributes?: Attributes;
}

/** Queues on a test server, under names that nobody else uses. */
export interface TestQueues extends Disposable {
  readonly sqs: SQS;
  /** A client like another process would have. */
  another(configuration?: SQSClientConfig): SQS;
  create(queue?: NewQueue): Promise<SqsQueue>;
  /** One queue for each address, created with the first call. */
  queueAt(address: QueueAddress, queue?: NewQueue): Promise<SqsQueue>;
  /** Those that were created by `queueAt`. */
  find(address: QueueAddress): SqsQueue | undefined;
}

export function testQueues(server: ClientConfiguration): TestQueues {
  const clients: SQS[] = [];
  const another = (configuration: SQSClientConfig = {}): SQS => {
    const client = new SQS({ ...server, ...configuration });
    clients.push(client);
    return client;
  };
  const sqs = another();
  const queues = new Map<string, Promise<SqsQueue>>();
  const found = new Map<string, SqsQueue>();
  const keyOf = ({ relayId, agent }: QueueAddress): string => `${relayId}/${agent}`;

  const urlOf = async (name: string, attributes: Attributes): Promise<string> => {
    const created = await sqs.createQueue({ QueueName: name, Attributes: { FifoQueue: "true", ...attributes } });
    return created.QueueUrl ?? "";
  };

  const create = async ({ maxReceiveCount = 100, attributes, deadLetterAttributes }: NewQueue = {}) => {
    const name = `test-${randomUUID()}`;
    const deadLetterUrl = await urlOf(`${name}-dead.fifo`, { ...deadLetterAttributes });
    const dead = await sqs.getQueueAttributes({ QueueUrl: deadLetterUrl, AttributeNames: ["QueueArn"] });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.Attributes?.QueueArn, maxReceiveCount });
    return { url: await urlOf(`${name}.fifo`, { RedrivePolicy, ...attributes }), deadLetterUrl };
  };

  return {
    sqs,
    another,
    create,
    async queueAt(address, queue) {
      const key = keyOf(address);
      const created = queues.get(key) ?? create(queue);
      queues.set(key, created);
      found.set(key, await created);
      return await created;
    },
    find: (address) => found.get(keyOf(address)),
    [Symbol.dispose]() {
      for (const client of clients) client.destroy();
    },
  };
}
