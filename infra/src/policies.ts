import { z } from "zod";
import type { Applied } from "./state.js";

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: string[];
  readonly Resource: string[];
  readonly Condition?: Record<string, Record<string, string | string[]>> | undefined;
}

const statement: z.ZodType<Statement> = z.strictObject({
  Sid: z.string(),
  Effect: z.literal("Allow"),
  Action: z.array(z.string()),
  Resource: z.array(z.string()),
  Condition: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))).optional(),
});

export const statementsOf = (policy: unknown): readonly Statement[] =>
  z.strictObject({ Version: z.literal("2012-10-17"), Statement: z.array(statement) }).parse(JSON.parse(String(policy)))
    .Statement;

/** What each role or policy of the complete example may do, by its name. */
export function policiesOf({ made, outputs, one }: Applied): ReadonlyMap<string, readonly Statement[]> {
  const policies = new Map<string, readonly Statement[]>();
  for (const { type, name, index, values } of made) {
    const isRelay = type === "aws_iam_role_policy" && (name === "function" || name === "service");
    if (isRelay) policies.set(String(index), statementsOf(values.policy));
    if (type === "aws_iam_policy") policies.set(index ?? name, statementsOf(values.policy));
  }
  policies.set("eraser", statementsOf(one("aws_iam_role_policy", "eraser").policy));
  policies.set("deploy", statementsOf(outputs.deploy_policy));
  return policies;
}

/** Each pair of an action and the resource that it is allowed on, in the words of the drivers' tables. */
export function grantsOf(statements: readonly Statement[]): readonly string[] {
  const words = (arn: string) =>
    /:table\/[^/]+\/(index\/\w+)$/u.exec(arn)?.[1] ?? (arn.includes(":table/") ? "table" : "");
  return [
    ...new Set(
      statements.flatMap(({ Action, Resource }) =>
        Action.flatMap((action) => Resource.map((resource) => `${action} ${words(resource)}`.trim())),
      ),
    ),
  ].sort();
}

/** The resources that an action is allowed on. */
export const resourcesOf = (statements: readonly Statement[], action: string): readonly string[] =>
  statements.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
