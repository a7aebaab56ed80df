import { type AwsCall, guardCalls, patiently } from "@agenthandoff/aws-common";
import { AuditError, BackendUnusableError, type Clock, type Random } from "@agenthandoff/core";
import {
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TableDescription,
  type TimeToLiveDescription,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "./items.js";
import { MAX_TRIES, WAITS } from "./limits.js";
import { isPassing, refusedWrites, toldApart } from "./refusals.js";
import type { Write } from "./writes.js";

/** DynamoDB as the audit log uses it. Everything rejects with `AuditError`, or with its signal's reason. */
export interface TableCalls {
  /** Makes all of the writes, and resolves to none; or makes none, and resolves to those whose conditions were not met. */
  write(call: AwsCall, writes: readonly Write[]): Promise<ReadonlySet<Write>>;
  /** The item with a key, read consistently. */
  get<Value>(call: AwsCall, key: Item, read: (item: Item) => Value): Promise<Value | undefined>;
  /** All that a query finds, page by page, in the order of its key. */
  query<Value>(call: AwsCall, input: QueryCommandInput, read: (item: Item) => Value): AsyncGenerator<Value, void>;
  describe(call: AwsCall): Promise<TableDescription>;
  describeTimeToLive(call: AwsCall): Promise<TimeToLiveDescription>;
}

export interface TableAccess {
  readonly table: string;
  readonly client: DynamoDBClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Once this is aborted every call rejects. */
  readonly closed: AbortSignal;
}

const guarded = guardCalls(AuditError);

const triesFor = (error: unknown): number => (isPassing(error) ? MAX_TRIES : 1);

export function tableCalls({ table, client, clock, random, closed }: TableAccess): TableCalls {
  const request = <Result>(call: AwsCall, work: () => Promise<Result>): Promise<Result> =>
    guarded(call, async () => {
      if (closed.aborted) throw wasClosed();
      try {
        return await patiently({ clock, random, ...WAITS, triesFor }, call.signal, work);
      } catch (error) {
        throw closed.aborted ? wasClosed() : toldApart(error, table);
      }
    });

  const aborting = ({ signal }: AwsCall) => (signal === undefined ? {} : { abortSignal: signal });

  function send(writes: readonly Write[]): Promise<unknown> {
    const [write, ...others] = writes;
    if (write === undefined || others.length > 0) {
      // By its token DynamoDB knows a repetition by the SDK, after an answer that was lost: no transaction happens twice.
      const token = { ClientRequestToken: random.id().slice(0, 36) };
      return client.send(new TransactWriteItemsCommand({ TransactItems: [...writes], ...token }));
    }
    if ("Put" in write) return client.send(new PutItemCommand(write.Put));
    if ("Update" in write) return client.send(new UpdateItemCommand(write.Update));
    return client.send(new DeleteItemCommand(write.Delete));
  }

  return {
    write(call, writes) {
      return request(call, async () => {
        try {
          await send(writes);
          return new Set();
        } catch (error) {
          const refused = refusedWrites(error, writes);
          if (refused === undefined) throw error;
          return refused;
        }
      });
    },

    async get(call, key, read) {
      const input = { TableName: table, Key: key, ConsistentRead: true };
      const { Item: item } = await request(call, () => client.send(new GetItemCommand(input)));
      return item === undefined ? undefined : understood(call, item, read);
    },

    async *query(call, input, read) {
      const { signal } = call;
      let start: Item | undefined;
      do {
        const page = new QueryCommand({ ...input, ...(start === undefined ? {} : { ExclusiveStartKey: start }) });
        const { Items: items = [], LastEvaluatedKey: last } = await request(call, () =>
          client.send(page, aborting(call)),
        );
        for (const item of items) {
          signal?.throwIfAborted();
          yield understood(call, item, read);
        }
        start = last;
      } while (start !== undefined);
    },

    async describe(call) {
      const command = new DescribeTableCommand({ TableName: table });
      return (await request(call, () => client.send(command, aborting(call)))).Table ?? {};
    },

    async describeTimeToLive(call) {
      const command = new DescribeTimeToLiveCommand({ TableName: table });
      return (await request(call, () => client.send(command, aborting(call)))).TimeToLiveDescription ?? {};
    },
  };
}

const wasClosed = (): BackendUnusableError =>
  new BackendUnusableError("this audit log was closed; open another with dynamoAuditLog()", { reason: "closed" });

function understood<Value>({ operation, subject }: AwsCall, item: Item, read: (item: Item) => Value): Value {
  try {
    return read(item);
  } catch (cause) {
    const hint = `the item ${item.pk?.S} ${item.sk?.S} is not what was written; restore the table to a point in time before`;
    throw new AuditError(operation, { subject, retryable: false, hint, cause });
  }
}
