import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import {
  entryLineSchema,
  envelopeSchema,
  handoffLineSchema,
  segmentHeaderSchema,
  unversionedSchema,
} from "./schemas.js";
import { arbitraryEntry, arbitraryEnvelope, arbitraryRecord, arbitraryUnversioned } from "./testing/arbitraries.js";
import { entryWire, envelopeWire, handoffWire, unversionedWire } from "./wire.js";

const directory = join(import.meta.dirname, "../../../../docs/protocol/schemas");
const readme = readFileSync(join(directory, "../README.md"), "utf8");
// Formats are notes for people: each has a pattern beside it that says all.
const ajv = new Ajv2020({ strict: true, allErrors: true, validateFormats: false });

type JsonObject = { readonly [name: string]: unknown };

const segmentHeader = fc.record({
  v: fc.constant(1),
  task_id: fc.constant("orders-42"),
  hop: fc.nat(),
  first: fc.nat(),
  refs: fc.array(fc.nat()),
  frames: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 }),
});

const published: readonly (readonly [string, z.ZodType, fc.Arbitrary<unknown>])[] = [
  ["handoff", handoffLineSchema, arbitraryRecord.map((record) => handoffWire.toJson(record))],
  ["entry", entryLineSchema, arbitraryEntry.map((entry) => entryWire.toJson(entry))],
  ["envelope", envelopeSchema, arbitraryEnvelope.map((envelope) => envelopeWire.toJson(envelope))],
  ["unversioned", unversionedSchema, arbitraryUnversioned.map((message) => unversionedWire.toJson(message))],
  ["segment", segmentHeaderSchema, segmentHeader],
];

/** An object with one member, at any depth, taken away or given another value. */
function damaged(object: JsonObject): fc.Arbitrary<unknown> {
  const values = fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0.5,
    2,
    2 ** 53,
    "",
    "Z",
    "a\n",
    "\u00e9",
    {},
    [],
    [null],
    ["x"],
    { kind: "x" },
  );
  return fc.constantFrom(...Object.keys(object)).chain((name) => {
    const { [name]: member, ...others } = object;
    const inside = (array: unknown[]): fc.Arbitrary<unknown> =>
      fc.nat({ max: array.length - 1 }).chain((at) => {
        const item = array[at];
        return (isObject(item) ? damaged(item) : values).map((changed) => array.with(at, changed));
      });
    return fc.oneof(
      fc.constant(others),
      values.map((value) => ({ ...object, [name]: value })),
      ...(isObject(member) ? [damaged(member).map((changed) => ({ ...object, [name]: changed }))] : []),
      ...(Array.isArray(member) && member.length > 0
        ? [inside(member).map((changed) => ({ ...object, [name]: changed }))]
        : []),
    );
  });
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

describe.each(published)("the published schema %s", (name, schema, arbitrary) => {
  const json = JSON.parse(readFileSync(join(directory, `${name}.schema.json`), "utf8")) as JsonObject;
  const validate = ajv.compile(json);

  it("says where it stands, by a relative name", () => {
    expect(json).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", $id: `${name}.schema.json` });
  });

  it("is explained member by member, and kind by kind, in the README", () => {
    const named = (node: unknown): string[] => {
      if (Array.isArray(node)) return node.flatMap(named);
      if (!isObject(node)) return [];
      const { properties = {}, enum: values = [] } = node as { properties?: object; enum?: string[] };
      const kind = (properties as { kind?: { const?: string } }).kind?.const ?? [];
      return [...Object.keys(properties), ...values, ...[kind].flat(), ...Object.values(node).flatMap(named)];
    };
    const names = [...new Set(named(json))];
    expect(names.length).toBeGreaterThan(2);
    const code = new Set([...readme.matchAll(/`+[^`]+`+/g)].flatMap(([span]) => span.split(/\W+/)));
    expect(names.filter((each) => !code.has(each))).toEqual([]);
  });

  it("accepts what writers write, also with members that nobody knows", () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(validate(value), ajv.errorsText(validate.errors)).toBe(true);
        expect(validate({ ...(value as object), mood: "hopeful" })).toBe(true);
      }),
    );
  });

  it("refuses exactly what readers refuse", () => {
    let refused = 0;
    fc.assert(
      fc.property(
        arbitrary.chain((value) => damaged(value as JsonObject)),
        (value) => {
          const { success } = schema.safeParse(value);
          expect(validate(value), ajv.errorsText(validate.errors)).toBe(success);
          if (!success) refused++;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

describe("a list on the wire", () => {
  it.each<[string, z.ZodType, string]>([
    ["requires", handoffLineSchema, "requires.0"],
    ["classes", handoffLineSchema, "classes.0"],
    ["blobs", handoffLineSchema, "blobs.0"],
    ["refs", segmentHeaderSchema, "refs.0"],
    ["frames", segmentHeaderSchema, "frames.0"],
  ])("is refused at its first wrong item, however many there are: %s", (name, schema, path) => {
    const { error } = schema.safeParse({ [name]: Array(200_000).fill(-1) });
    expect(error?.issues.map((issue) => issue.path.join(".")).filter((each) => each.startsWith(name))).toEqual([path]);
  });
});
