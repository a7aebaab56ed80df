import { beforeAll, expect, it } from "vitest";
import { type Operation, operationsOf } from "./iam-tables.js";
import { grantsOf, policiesOf, resourcesOf, type Statement } from "./policies.js";
import { ACCOUNT, REGION } from "./provider/serve.js";
import { type Applied, applied } from "./state.js";
import { describeWithEngine } from "./testing/describe-with-engine.js";

const S3 = operationsOf("store-s3");
const SQS = operationsOf("transport-sqs");
const DYNAMODB = operationsOf("audit-dynamo");
const FUNCTION = operationsOf("lambda-router");
/** Encryption goes by the key: the drivers' READMEs name it below their tables. */
const KEY = ["kms:Decrypt", "kms:GenerateDataKey"];

const grants = (operations: readonly Operation[]): readonly string[] => [
  ...new Set(operations.map(({ action, resource }) => `${action} ${resource}`.trim())),
];
/** The rows for those operations of SDKs. */
const rows = (table: readonly Operation[], ...names: readonly string[]): readonly string[] => {
  for (const name of names) expect(table.map(({ operation }) => operation)).toContain(name);
  return grants(table.filter(({ operation }) => names.includes(operation)));
};
/** The rows of the audit's table, for those operations on those resources. */
const audit = (names: readonly string[], resources: readonly string[]): readonly string[] =>
  grants(DYNAMODB.filter(({ operation, resource }) => names.includes(operation) && resources.includes(resource)));

const WRITING = ["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"];
const CONTEXTS = [...WRITING, "GetObject", "ListObjectsV2"];
const EVENTS = ["PutItem", "TransactWriteItems", "UpdateItem", "Query"];
const WORKING = ["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];

/** What the work of each takes. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  research: [...rows(S3, ...CONTEXTS), ...rows(SQS, ...WORKING), ...audit(EVENTS, ["table", "index/byHop"])],
  code: [
    ...rows(S3, ...CONTEXTS),
    ...rows(SQS, ...WORKING),
    ...audit([...EVENTS, "DescribeTable", "DescribeTimeToLive"], ["table", "index/byHop"]),
  ],
  reconciler: [
    ...rows(S3, ...CONTEXTS, "ListObjectVersions", "DeleteObject"),
    ...rows(SQS, "SendMessage"),
    ...audit([...EVENTS, "DeleteItem", "GetItem"], ["table", "index/byHop", "index/byStatus", "index/byDamage"]),
  ],
  caller: [
    ...rows(S3, ...CONTEXTS),
    ...rows(SQS, "SendMessage"),
    ...audit(
      ["PutItem", "DeleteItem", "Query"],
      ["table", "index/byHop", "index/byStatus", "index/byDamage", "index/byAgent"],
    ),
  ],
  operator: rows(SQS, ...SQS.map(({ operation }) => operation)),
  evaluation: [...rows(S3, "PutObject"), ...rows(SQS, "SendMessage", "ReceiveMessage", "DeleteMessage")],
};
const SAME_AS: Readonly<Record<string, string>> = {
  qa: "research",
  release: "research",
  deploy: "code",
  "full-reconciler": "reconciler",
};

describeWithEngine("what roles may do", (place) => {
  let policies: ReadonlyMap<string, readonly Statement[]>;
  let made: Applied;
  beforeAll(async () => {
    made = await applied(place(), "examples/complete");
    policies = policiesOf(made);
  });
  const of = (name: string): readonly Statement[] => {
    const statements = policies.get(name);
    if (statements === undefined)
      throw new Error(`no policy for ${name}; there are ${[...policies.keys()].join(", ")}`);
    return statements;
  };
  const queue = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:typed-package-${name}.fifo`;

  it("equals the drivers' tables of operations for the work of each, with no action more", () => {
    const expected: Readonly<Record<string, readonly string[]>> = {
      ...EXPECTED,
      eraser: [
        ...new Set([
          ...(EXPECTED.caller ?? []),
          ...rows(S3, "ListObjectVersions", "DeleteObject"),
          ...audit(["UpdateItem"], ["table"]),
        ]),
      ],
    };
    for (const name of policies.keys()) {
      const wanted = expected[name] ?? expected[SAME_AS[name] ?? ""] ?? [];
      expect({ name, grants: grantsOf(of(name)) }).toEqual({ name, grants: [...new Set([...wanted, ...KEY])].sort() });
    }
  });

  it("covers, over all roles, every action of the drivers' tables", () => {
    const all = new Set([...policies.values()].flatMap((statements) => statements.flatMap(({ Action }) => Action)));
    const named = new Set([...S3, ...SQS, ...DYNAMODB].map(({ action }) => action));
    expect([...all].sort()).toEqual([...named, ...KEY].sort());
  });

  it("covers, for an agent's function, what lambda-router's own table says that one calls", () => {
    const calls = FUNCTION.filter(
      ({ when, action }) => when !== "the reconciler" && action !== "lambda:InvokeFunction",
    );
    const allowed = new Set(of("research").flatMap(({ Action }) => Action));
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.map(({ action }) => action).filter((action) => !allowed.has(action))).toEqual([]);
  });

  it("lets an agent receive from its own queue, and send to those that it hands to and its dead-letter queue alone", () => {
    for (const [agent, targets] of [
      ["research", ["code", "research", "research-dead"]],
      ["code", ["qa", "code-dead"]],
      ["qa", ["code", "release", "qa-dead"]],
      ["deploy", ["deploy-dead"]],
    ] as const) {
      expect(resourcesOf(of(agent), "sqs:ReceiveMessage")).toEqual([queue(agent)]);
      expect(resourcesOf(of(agent), "sqs:SendMessage").toSorted()).toEqual(targets.map(queue).toSorted());
    }
  });

  it("lets nobody delete a slot, and only those who erase remove its old versions", () => {
    for (const [name, statements] of policies) {
      const slots = (action: string) =>
        resourcesOf(statements, action).filter((arn) => !/\/(?:blobs|runs)\/\*$/u.test(arn));
      expect({ name, on: slots("s3:DeleteObject") }).toEqual({ name, on: [] });
      const erases = ["eraser", "reconciler", "full-reconciler"].includes(name);
      expect({ name, erases: slots("s3:DeleteObjectVersion").length > 0 }).toEqual({ name, erases });
    }
  });

  it("keeps each to its relay's own objects and keys, and to encryption through the services that it uses", () => {
    for (const [name, statements] of policies) {
      for (const { Action, Resource, Condition } of statements) {
        expect(Action.join(), name).not.toContain("*");
        for (const arn of Resource.filter((each) => each.startsWith("arn:aws:s3:") && each.includes("/")))
          expect(arn).toMatch(
            /contexts\/(?:typed-package\/(?:slots|blobs|runs)\/\*|_agenthandoff\/conditional-writes|handoffs\/evaluation\/\*)$/u,
          );
        if (Action.some((action) => /^dynamodb:(?!Describe)/u.test(action)))
          expect(Condition).toEqual({
            "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["typed-package", "typed-package#*"] },
          });
        if (Action.includes("s3:ListBucket")) expect(Object.keys(Condition?.StringLike ?? {})).toEqual(["s3:prefix"]);
        if (Action.some((action) => action.startsWith("kms:")))
          expect(Condition?.StringEquals).toHaveProperty("kms:ViaService");
      }
    }
  });

  it("has a role for each agent that runs here, taken by the service that runs it alone", () => {
    const roles = made.made.filter(
      ({ type, name }) => type === "aws_iam_role" && (name === "function" || name === "service"),
    );
    expect(roles.map(({ index }) => index).sort()).toEqual([
      "code",
      "full-reconciler",
      "qa",
      "reconciler",
      "release",
      "research",
    ]);
    for (const { name, values } of roles) {
      const policy = JSON.parse(String(values.assume_role_policy)) as { Statement: { Principal: unknown }[] };
      const service = name === "service" ? "ecs-tasks.amazonaws.com" : "lambda.amazonaws.com";
      expect(policy.Statement.map(({ Principal }) => Principal)).toEqual([{ Service: service }]);
    }
  });
});
