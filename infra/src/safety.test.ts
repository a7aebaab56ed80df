import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { ACCOUNT } from "./provider/serve.js";
import { type Applied, applied, type Values } from "./state.js";
import { describeWithEngine } from "./testing/describe-with-engine.js";

interface Denial {
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: string;
  readonly Resource: string | readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describeWithEngine("what the module makes safe", (place) => {
  let minimal: Applied;
  let complete: Applied;
  beforeAll(async () => {
    minimal = await applied(place(), "examples/minimal");
    complete = await applied(place(), "examples/complete");
  });
  const denials = ({ one }: Applied): readonly Denial[] =>
    (JSON.parse(String(one("aws_s3_bucket_policy").policy)) as { Statement: Denial[] }).Statement;
  const all = ({ made }: Applied, type: string): readonly Values[] =>
    made.filter((each) => each.type === type).map(({ values }) => values);

  it("refuses writes to slots without s3:if-none-match, but for the parts of a large object and for who erases", () => {
    const [, slots] = denials(minimal);
    expect(slots).toMatchObject({
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: `arn:aws:s3:::docs-contexts-${ACCOUNT}-eu-central-1/docs/slots/*`,
    });
    expect(slots?.Condition).toEqual({
      Null: { "s3:if-none-match": "true" },
      Bool: { "s3:ObjectCreationOperation": "true" },
    });
    const [, erasable] = denials(complete);
    expect(erasable?.Resource).toBe("arn:aws:s3:::example-typed-package-contexts/typed-package/slots/*");
    expect(erasable?.Condition.ArnNotEquals).toEqual({
      "aws:PrincipalArn": ["eraser", "full-reconciler", "reconciler"].map(
        (name) => `arn:aws:iam::${ACCOUNT}:role/typed-package-${name}`,
      ),
    });
  });

  it("takes encrypted connections alone to the bucket and every queue", () => {
    const [bucket] = denials(complete);
    expect(bucket).toMatchObject({
      Effect: "Deny",
      Action: "s3:*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    const policies = all(complete, "aws_sqs_queue_policy");
    expect(policies).toHaveLength(all(complete, "aws_sqs_queue").length);
    for (const { policy } of policies)
      expect(JSON.parse(String(policy))).toMatchObject({
        Statement: [{ Effect: "Deny", Action: "sqs:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
      });
  });

  it("blocks the bucket from the public", () => {
    const { block_public_acls, block_public_policy, ignore_public_acls, restrict_public_buckets } = minimal.one(
      "aws_s3_bucket_public_access_block",
    );
    expect([block_public_acls, block_public_policy, ignore_public_acls, restrict_public_buckets]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("encrypts everything that is kept with the relay's key", () => {
    const key = minimal.one("aws_kms_key").arn;
    const [rule] = minimal.one("aws_s3_bucket_server_side_encryption_configuration").rule as Values[];
    expect(rule).toMatchObject({
      apply_server_side_encryption_by_default: [{ sse_algorithm: "aws:kms", kms_master_key_id: key }],
    });
    for (const queue of all(minimal, "aws_sqs_queue")) expect(queue.kms_master_key_id).toBe(key);
    for (const log of all(minimal, "aws_cloudwatch_log_group")) expect(log.kms_key_id).toBe(key);
    for (const fn of all(minimal, "aws_lambda_function")) expect(fn.kms_key_arn).toBe(key);
    expect(minimal.one("aws_dynamodb_table").server_side_encryption).toMatchObject([
      { enabled: true, kms_key_arn: key },
    ]);
  });

  it("has no lifecycle rule that expires or moves a slot", () => {
    const rules = complete.one("aws_s3_bucket_lifecycle_configuration").rule as (Values & {
      readonly filter: Values[];
    })[];
    for (const {
      id,
      filter,
      transition,
      expiration,
      noncurrent_version_expiration,
      noncurrent_version_transition,
    } of rules) {
      expect([transition, noncurrent_version_transition].flat(), String(id)).toEqual([]);
      const prefix = String(filter[0]?.prefix ?? "");
      if (!/^typed-package\/(?:blobs|runs)\/$/u.test(prefix))
        expect([expiration, noncurrent_version_expiration].flat(), String(id)).toEqual([]);
    }
    expect(rules.map(({ id }) => id)).toEqual([
      "parts-of-writers-that-were-killed",
      "old-versions-of-blobs",
      "old-versions-of-runs",
    ]);
  });

  it("feeds each function from its agent's queue, message by message, with ReportBatchItemFailures", () => {
    const mappings = complete.made.filter(({ type }) => type === "aws_lambda_event_source_mapping");
    expect(mappings.map(({ index }) => index).sort()).toEqual(["qa", "release", "research"]);
    for (const { index, values } of mappings) {
      expect(values).toMatchObject({ batch_size: 1, function_response_types: ["ReportBatchItemFailures"] });
      expect(values.event_source_arn).toBe(complete.one("aws_sqs_queue", "agent", index).arn);
      expect(values.function_name).toBe(complete.one("aws_lambda_function", "relay", index).arn);
    }
  });

  it("tells functions and containers where the relay lives", () => {
    const expected = { relayId: "typed-package", ...(complete.outputs.resources as object) };
    for (const { environment } of all(complete, "aws_lambda_function")) {
      const [{ variables }] = environment as [{ variables: Record<string, string> }];
      expect(JSON.parse(variables.RESOURCES ?? "")).toEqual(expected);
    }
    const [container] = JSON.parse(String(complete.one("aws_ecs_task_definition").container_definitions)) as [
      { environment: { name: string; value: string }[]; stopTimeout: number },
    ];
    const variables = Object.fromEntries(container.environment.map(({ name, value }) => [name, value]));
    expect(JSON.parse(variables.RESOURCES ?? "")).toEqual(expected);
    expect(variables.AGENTS).toBe("code");
    expect(container.stopTimeout).toBe(120);
  });

  it("invokes the reconcilers by their schedules, by a role that may do nothing else", () => {
    const schedules = complete.made.filter(({ type }) => type === "aws_scheduler_schedule");
    expect(schedules.map(({ index }) => index).sort()).toEqual(["full-reconciler", "reconciler"]);
    const { Statement } = JSON.parse(String(complete.one("aws_iam_role_policy", "scheduler").policy)) as {
      Statement: { Action: string[]; Resource: string[] }[];
    };
    expect(Statement).toHaveLength(1);
    expect(Statement[0]?.Action).toEqual(["lambda:InvokeFunction"]);
    for (const { index, values } of schedules) {
      const [target] = values.target as [Values];
      expect(target.arn).toBe(complete.one("aws_lambda_function", "relay", index).arn);
      expect(Statement[0]?.Resource).toContain(target.arn);
    }
  });

  it("has an alarm for dead letters and for the oldest message of each agent, and for each reconciler", () => {
    const alarms = all(complete, "aws_cloudwatch_metric_alarm");
    const of = (metric: string) => alarms.filter(({ metric_name }) => metric_name === metric);
    const names = (name: string) =>
      complete.made
        .filter((each) => each.type === "aws_sqs_queue" && each.name === name)
        .map(({ values }) => values.name);
    expect(of("ApproximateNumberOfMessagesVisible").map(({ dimensions }) => (dimensions as Values).QueueName)).toEqual(
      names("dead_letters"),
    );
    expect(of("ApproximateAgeOfOldestMessage").map(({ dimensions }) => (dimensions as Values).QueueName)).toEqual(
      names("agent"),
    );
    for (const metric of ["Errors", "Invocations"])
      expect(
        of(metric)
          .map(({ dimensions }) => (dimensions as Values).FunctionName)
          .sort(),
      ).toEqual(["typed-package-full-reconciler", "typed-package-reconciler"]);
    expect(of("FailedTasks")).toHaveLength(1);
    expect(of("TasksWaitingLong")).toHaveLength(1);
    for (const { alarm_actions } of alarms)
      expect(alarm_actions).toEqual(["arn:aws:sns:eu-central-1:123456789012:on-call"]);
  });

  it("counts what reconcileHandler() counts: the names, the namespace and the dimension are its own", () => {
    const source = readFileSync(join(import.meta.dirname, "../../packages/lambda-router/src/resting-tasks.ts"), "utf8");
    for (const { namespace, metric_name, dimensions } of complete.made
      .filter(({ name }) => name === "resting")
      .map(({ values }) => values)) {
      expect(source).toContain(`new Metrics({ namespace: "${String(namespace)}", serviceName: relayId })`);
      expect(source).toContain(`addMetric("${String(metric_name)}"`);
      expect(dimensions).toEqual({ service: "typed-package" });
    }
  });

  it("notices what reconcileHandler() warns of", () => {
    const path = join(import.meta.dirname, "../../packages/lambda-router/src/reconcile-handler.ts");
    const source = readFileSync(path, "utf8");
    const [{ pattern }] = all(complete, "aws_cloudwatch_log_metric_filter") as [Values];
    const terms = [...String(pattern).matchAll(/\?"([^"]+)"/gu)].map(([, term]) => term ?? "");
    expect(terms).toHaveLength(2);
    for (const term of terms) expect(source).toContain(term);
  });
});
