import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { region, UNKNOWN } from "../credentials.js";
import { keys, newTable, number, put, text } from "./dynamodb-support.js";
import { type Fact, outcomeOf, uniqueName } from "./fact.js";

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
    id: "dynamodb-credentials",
    promise: "a key that nobody has is refused",
    aws: "400 UnrecognizedClientException",
    observe: async (dynamodb) => {
      const endpoint = await dynamodb.config.endpoint?.();
      const stranger = new DynamoDBClient({ ...(endpoint && { endpoint }), region, credentials: UNKNOWN });
      return outcomeOf(put(stranger, await newTable(dynamodb), keys("1")));
    },
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

/** Items, queries and tables. */
export const DYNAMODB_ITEM_FACTS: readonly Fact<DynamoDBClient>[] = [...items, ...reads, ...tables];
