import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { keys, newTable, number, put, putNew, text, transact } from "./dynamodb-support.js";
import { type Fact, outcomeOf, uniqueName } from "./fact.js";

/** Transactions and conditions, and who wins where several meet. */
export const DYNAMODB_TRANSACTION_FACTS: readonly Fact<DynamoDBClient>[] = [
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
