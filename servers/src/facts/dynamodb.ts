import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { keys, newTable, number, put, putNew, text, transact } from "./dynamodb-support.js";
import { type Fact, outcomeOf, uniqueName } from "./fact.js";

const transactions: readonly Fact<DynamoDBClient>[] = [
  {
    id: "dynamodb-transaction-reasons",
    promise: "a transaction whose condition fails writes nothing and says which of its items failed",
    aws: "canceled (None ConditionalCheckFailed), nothing",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      await put(dynamodb, table, keys("taken"));
      const outcome = await transact(dynamodb, [putNew(table, keys("new")), putNew(table, keys("taken"))]);
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: keys("new") }));
      return `${outcome}, ${Item === undefined ? "nothing" : "written"}`;
    },
  },
  {
    id: "dynamodb-transaction-token",
    promise: "a transaction repeated with its token succeeds without writing; another one with that token is refused",
    aws: "ok, ok, IdempotentParameterMismatchException",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      const token = uniqueName("token");
      const first = await transact(dynamodb, [putNew(table, keys("1"))], token);
      const again = await transact(dynamodb, [putNew(table, keys("1"))], token);
      return `${first}, ${again}, ${await transact(dynamodb, [putNew(table, keys("2"))], token)}`;
    },
  },
  {
    id: "dynamodb-transaction-conflict",
    promise: "of transactions that meet at one item some are canceled with TransactionConflict",
    aws: "some canceled (TransactionConflict)",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      const update = {
        Update: {
          TableName: table,
          Key: keys("1"),
          UpdateExpression: "ADD amount :one",
          ExpressionAttributeValues: { ":one": number(1) },
        },
      };
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => transact(dynamodb, [update])));
      const others = [...new Set(outcomes.filter((outcome) => outcome !== "ok"))];
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: table, Key: keys("1"), ConsistentRead: true }),
      );
      return others.length === 0 ? `all ok, ${Item?.amount?.N}` : `some ${others.join(", ")}`;
    },
  },
  {
    id: "dynamodb-transaction-same-item",
    promise: "a transaction may not name an item twice",
    aws: "ValidationException",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      return transact(dynamodb, [putNew(table, keys("1")), putNew(table, keys("1"))]);
    },
  },
  {
    id: "dynamodb-transaction-size",
    promise: "a transaction has at most 100 items and 4 MB",
    aws: "ValidationException, ValidationException",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      const many = await transact(
        dynamodb,
        Array.from({ length: 101 }, (_, index) => putNew(table, keys(String(index)))),
      );
      const large = text("x".repeat(390_000));
      const items = Array.from({ length: 11 }, (_, index) => putNew(table, { ...keys(String(index)), large }));
      return `${many}, ${await transact(dynamodb, items)}`;
    },
  },
  {
    id: "dynamodb-one-winner",
    promise: "of conditional puts that meet at one key one succeeds",
    aws: "1 of 50",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () =>
          outcomeOf(put(dynamodb, table, keys("1"), { ConditionExpression: "attribute_not_exists(pk)" })),
        ),
      );
      return `${outcomes.filter((outcome) => outcome === "ok").length} of ${outcomes.length}`;
    },
  },
];

const items: readonly Fact<DynamoDBClient>[] = [
  {
    id: "dynamodb-item-size",
    promise: "an item of 400 KB is taken, a larger one refused",
    aws: "ok, 400 ValidationException",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      // Names count too: pk, p, sk, 1, large are 10 bytes.
      const largest = await outcomeOf(put(dynamodb, table, { ...keys("1"), large: text("x".repeat(409_600 - 11)) }));
      const larger = outcomeOf(put(dynamodb, table, { ...keys("2"), large: text("x".repeat(409_600)) }));
      return `${largest}, ${await larger}`;
    },
  },
  {
    id: "dynamodb-condition-returns-item",
    promise: "a condition that fails returns the item that is there, if asked to",
    aws: "ConditionalCheckFailedException, theirs",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      await put(dynamodb, table, { ...keys("1"), by: text("theirs") });
      try {
        await dynamodb.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keys("1"), by: text("mine") },
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        );
        return "ok";
      } catch (error) {
        const { name, Item } = error as { name: string; Item?: { by?: { S?: string } } };
        return `${name}, ${Item?.by?.S}`;
      }
    },
  },
  {
    id: "dynamodb-empty-key",
    promise: "an empty text is a value, but no key",
    aws: "ok, 400 ValidationException",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      const value = await outcomeOf(put(dynamodb, table, { ...keys("1"), empty: text("") }));
      return `${value}, ${await outcomeOf(put(dynamodb, table, keys("")))}`;
    },
  },
  {
    id: "dynamodb-index-key-length",
    promise: "a sort key over 1,024 bytes is refused",
    aws: "400 ValidationException",
    observe: async (dynamodb) => outcomeOf(put(dynamodb, await newTable(dynamodb), keys("k".repeat(1_025)))),
  },
  {
    id: "dynamodb-number-precision",
    promise: "a number keeps 38 digits; more are refused",
    aws: "12345678901234567890123456789012345678, 400 ValidationException",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      await put(dynamodb, table, { ...keys("1"), large: number("12345678901234567890123456789012345678") });
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: keys("1") }));
      const more = outcomeOf(
        put(dynamodb, table, { ...keys("2"), large: number("123456789012345678901234567890123456789") }),
      );
      return `${Item?.large?.N}, ${await more}`;
    },
  },
];

const reads: readonly Fact<DynamoDBClient>[] = [
  {
    id: "dynamodb-page-size",
    promise: "a query returns at most 1 MB at a time",
    aws: "a part, more",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      for (const sk of ["1", "2", "3", "4"])
        await put(dynamodb, table, { ...keys(sk), large: text("x".repeat(380_000)) });
      const page = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": text("p") },
        }),
      );
      return `${page.Count === 4 ? "all" : "a part"}, ${page.LastEvaluatedKey === undefined ? "no more" : "more"}`;
    },
  },
  {
    id: "dynamodb-consistent-index",
    promise: "an index is never read consistently",
    aws: "400 ValidationException",
    observe: async (dynamodb) => {
      const query = new QueryCommand({
        TableName: await newTable(dynamodb),
        IndexName: "byPlace",
        ConsistentRead: true,
        KeyConditionExpression: "place = :place",
        ExpressionAttributeValues: { ":place": text("x") },
      });
      return outcomeOf(dynamodb.send(query));
    },
  },
  {
    id: "dynamodb-sparse-index",
    promise: "an item without the index's key is not in the index",
    aws: "2",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      await put(dynamodb, table, { ...keys("1"), place: text("x") });
      await put(dynamodb, table, keys("2"));
      await put(dynamodb, table, { ...keys("3"), place: text("x") });
      const { Count } = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          IndexName: "byPlace",
          KeyConditionExpression: "place = :place",
          ExpressionAttributeValues: { ":place": text("x") },
        }),
      );
      return String(Count);
    },
  },
  {
    id: "dynamodb-capacity",
    promise: "a write says what it cost when asked to: two units for a row and its index",
    aws: "2",
    observe: async (dynamodb) => {
      const { ConsumedCapacity } = await dynamodb.send(
        new PutItemCommand({
          TableName: await newTable(dynamodb),
          Item: { ...keys("1"), place: text("x") },
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return String(ConsumedCapacity?.CapacityUnits);
    },
  },
];

const tables: readonly Fact<DynamoDBClient>[] = [
  {
    id: "dynamodb-missing-table",
    promise: "a table that does not exist is named as such",
    aws: "400 ResourceNotFoundException",
    observe: async (dynamodb) => outcomeOf(put(dynamodb, uniqueName("none"), keys("1"))),
  },
  {
    id: "dynamodb-table-creating",
    promise: "a new table is being made for a while before it is active",
    aws: "CREATING",
    observe: async (dynamodb) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: await newTable(dynamodb) }));
      return String(Table?.TableStatus);
    },
  },
  {
    id: "dynamodb-time-to-live",
    promise: "a time to live can be set and is told",
    aws: "ok, ENABLED",
    observe: async (dynamodb) => {
      const TableName = await newTable(dynamodb);
      const TimeToLiveSpecification = { AttributeName: "expires", Enabled: true };
      const set = await outcomeOf(dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification })));
      const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
      return `${set}, ${TimeToLiveDescription?.TimeToLiveStatus}`;
    },
  },
  {
    id: "dynamodb-batch-size",
    promise: "a batch of 26 writes is refused",
    aws: "400 ValidationException",
    observe: async (dynamodb) => {
      const table = await newTable(dynamodb);
      const requests = Array.from({ length: 26 }, (_, index) => ({ PutRequest: { Item: keys(String(index)) } }));
      return outcomeOf(dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } })));
    },
  },
];

export const DYNAMODB_FACTS: readonly Fact<DynamoDBClient>[] = [...transactions, ...items, ...reads, ...tables];
