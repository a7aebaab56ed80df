import { BackendUnusableError } from "@agenthandoff/core";
import type {
  GlobalSecondaryIndexDescription,
  KeySchemaElement,
  LocalSecondaryIndexDescription,
  TableDescription,
} from "@aws-sdk/client-dynamodb";
import { type AuditIndex, auditTable } from "./table.js";

type IndexDescription = GlobalSecondaryIndexDescription | LocalSecondaryIndexDescription;

/** What keeps a table from being an audit log's. */
export function tableFault(name: string, found: TableDescription): BackendUnusableError | undefined {
  const wanted = auditTable(name);
  if (!sameKeys(found.KeySchema, wanted.KeySchema) || !sameTypes(found, wanted.AttributeDefinitions)) {
    return unusable(
      "keys",
      `table ${name} has other keys than an audit log needs; create one as auditTable() defines it`,
    );
  }
  for (const index of wanted.LocalSecondaryIndexes) {
    if (isThere(index, found.LocalSecondaryIndexes)) continue;
    return unusable(
      "index",
      `table ${name} lacks ${described(index)}, which no table gains later; create it anew as auditTable() defines it`,
    );
  }
  for (const index of wanted.GlobalSecondaryIndexes) {
    const there = found.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.IndexName);
    if (!isThere(index, found.GlobalSecondaryIndexes)) {
      return unusable("index", `table ${name} lacks ${described(index)}; add it as auditTable() defines it`);
    }
    if (there?.IndexStatus === "CREATING" || there?.IndexStatus === "DELETING") {
      return unusable(
        "not-active",
        `index ${index.IndexName} of table ${name} is ${there.IndexStatus}; wait until it is ACTIVE`,
        true,
      );
    }
  }
  if (found.TableStatus === "ACTIVE" || found.TableStatus === "UPDATING") return undefined;
  return unusable(
    "not-active",
    `table ${name} is ${found.TableStatus}; wait until it is ACTIVE, or see why it is not`,
    true,
  );
}

export const unusable = (reason: string, message: string, retryable = false): BackendUnusableError =>
  new BackendUnusableError(message, { reason, retryable });

function isThere(wanted: AuditIndex, found: readonly IndexDescription[] = []): boolean {
  const index = found.find(({ IndexName }) => IndexName === wanted.IndexName);
  if (index === undefined || !sameKeys(index.KeySchema, wanted.KeySchema)) return false;
  return wanted.Projection.ProjectionType === "KEYS_ONLY" || index.Projection?.ProjectionType === "ALL";
}

function sameKeys(found: readonly KeySchemaElement[] | undefined, wanted: readonly KeySchemaElement[]): boolean {
  const told = (keys: readonly KeySchemaElement[] = []) =>
    keys
      .map(({ KeyType, AttributeName }) => `${KeyType} ${AttributeName}`)
      .sort()
      .join();
  return told(found) === told(wanted);
}

function sameTypes(found: TableDescription, wanted: ReturnType<typeof auditTable>["AttributeDefinitions"]): boolean {
  const types = new Map(
    found.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
  );
  // An index that is missing is told apart; its attributes are missing with it.
  return wanted.every(
    ({ AttributeName, AttributeType }) => (types.get(AttributeName) ?? AttributeType) === AttributeType,
  );
}

const described = ({ IndexName, KeySchema, Projection }: AuditIndex): string =>
  `index ${IndexName} (${KeySchema.map(({ AttributeName }) => AttributeName).join(", ")}; ${Projection.ProjectionType})`;
