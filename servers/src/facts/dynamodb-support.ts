import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { uniqueName } from "./fact.js";

export type Item = Record<string, AttributeValue>;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number | string): AttributeValue => ({ N: String(value) });

/** A table with keys `pk`, `sk` and an index `byPlace` on `place`. */
export const newTable = async (dynamodb: DynamoDBClient): Promise<string> => {
  const TableName = uniqueName("facts");
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "place"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "byPlace",
          KeySchema: [{ AttributeName: "place", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  return TableName;
};

export const keys = (sk: string): Item => ({ pk: text("p"), sk: text(sk) });

export const put = (
  dynamodb: DynamoDBClient,
  table: string,
  item: Item,
  more: Partial<PutItemCommandInput> = {},
): Promise<unknown> => dynamodb.send(new PutItemCommand({ TableName: table, Item: item, ...more }));

/** An item of a transaction that wants its key to be free. */
export const putNew = (table: string, item: Item): TransactWriteItem => ({
  Put: { TableName: table, Item: item, ConditionExpression: "attribute_not_exists(pk)" },
});

/** `ok`, the reasons of a canceled transaction, or another error's name. */
export const transact = async (
  dynamodb: DynamoDBClient,
  items: TransactWriteItem[],
  token?: string,
): Promise<string> => {
  try {
    const ClientRequestToken = token === undefined ? {} : { ClientRequestToken: token };
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: items, ...ClientRequestToken }));
    return "ok";
  } catch (error) {
    const { name, CancellationReasons } = error as { name: string; CancellationReasons?: { Code?: string }[] };
    const reasons = CancellationReasons?.map((reason) => reason.Code ?? "None").join(" ");
    return reasons === undefined ? name : `canceled (${reasons})`;
  }
};
