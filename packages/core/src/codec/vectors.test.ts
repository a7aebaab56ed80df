import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type ClassCodec,
  canonicalJson,
  canonicalValue,
  createCodec,
  type Json,
  parseJson,
  stringifyJson,
} from "./index.js";
import { difference } from "./testing/same-value.js";

class Point {
  readonly x: unknown;
  readonly y: unknown;

  constructor(x: unknown, y: unknown) {
    this.x = x;
    this.y = y;
  }
}

const pointCodec: ClassCodec<Point> = {
  name: "example.Point",
  is: (value): value is Point => Object.getPrototypeOf(value) === Point.prototype,
  encode: ({ x, y }) => ({ x, y }),
  decode(parts) {
    const { x, y } = parts as Point;
    return new Point(x, y);
  },
};

const codec = createCodec({ classes: [pointCodec] });

interface Vector {
  readonly name: string;
  readonly json: Json;
  readonly javascript?: string;
  readonly readOnly?: boolean;
}

interface RefusedVector {
  readonly name: string;
  readonly text: string;
  readonly error: string;
}

interface CanonicalVector {
  readonly name: string;
  readonly text?: string;
  readonly javascript?: string;
  readonly ieee754?: string;
  readonly canonical: string;
  readonly sha256: string;
}

function read<T>(file: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../../../../docs/protocol/vectors/${file}`, import.meta.url), "utf8")) as T[];
}

function withoutStack(error: Error): Error {
  Reflect.deleteProperty(error, "stack");
  return error;
}

function evaluate(javascript: string): unknown {
  return new Function("withoutStack", "Point", `"use strict"; return (${javascript});`)(withoutStack, Point);
}

const hasFloat16 = "Float16Array" in globalThis;

describe("the vectors of values", () => {
  const vectors = read<Vector>("values.json").filter(({ name }) => hasFloat16 || name !== "float16array");

  it.each(vectors.filter(({ javascript }) => javascript !== undefined))(
    "are written: $name",
    ({ json, javascript }) => {
      expect(stringifyJson(codec.encode(evaluate(javascript as string)))).toBe(stringifyJson(json));
    },
  );

  it.each(vectors.filter(({ javascript }) => javascript !== undefined))("are read: $name", ({ json, javascript }) => {
    expect(difference(evaluate(javascript as string), codec.decode(parseJson(stringifyJson(json))))).toBeUndefined();
  });

  it.each(vectors.filter(({ javascript }) => javascript === undefined))(
    "are read and written: $name",
    ({ json, readOnly }) => {
      const value = codec.decode(json, { blob: ({ size }) => new Uint8Array(size) });
      const onBlob = (bytes: Uint8Array) => ({
        sha256: createHash("sha256").update(bytes).digest("hex"),
        size: bytes.byteLength,
      });
      const written = codec.encode(value, { onBlob });
      if (readOnly) expect(difference(value, codec.decode(written))).toBeUndefined();
      else expect(stringifyJson(written)).toBe(stringifyJson(json));
    },
  );

  it("show every tag and every kind of binary data", () => {
    const text = readFileSync(new URL("../../../../docs/protocol/vectors/values.json", import.meta.url), "utf8");
    const page = readFileSync(new URL("../../../../docs/protocol/values.md", import.meta.url), "utf8");
    const tags = [...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, tag]) => tag as string);
    expect(tags).toHaveLength(17);
    for (const tag of tags) expect(text).toContain(`{"$ah":"${tag}"`);
    const types = page.match(/`type` is one of ([^.]+)\./)?.[1]?.match(/\w+/g) ?? [];
    expect(types).toHaveLength(15);
    for (const type of types) expect(text).toContain(`"type":"${type}"`);
  });
});

describe("the vectors of what is refused", () => {
  it.each(read<RefusedVector>("values-refused.json"))("are refused: $name", ({ text, error }) => {
    expect(() => codec.decode(parseJson(text))).toThrow(expect.objectContaining({ code: error }));
  });
});

describe("the vectors of canonical JSON", () => {
  it.each(read<CanonicalVector>("canonical.json"))("are written: $name", (vector) => {
    const canonical = canonicalOf(vector);
    expect(canonical).toBe(vector.canonical);
    expect(createHash("sha256").update(canonical).digest("hex")).toBe(vector.sha256);
    // What is canonical stays as it is.
    expect(canonicalJson(parseJson(canonical))).toBe(canonical);
  });
});

function canonicalOf({ text, javascript, ieee754 }: CanonicalVector): string {
  if (text !== undefined) return canonicalJson(parseJson(text));
  if (javascript !== undefined) return canonicalValue(codec, evaluate(javascript));
  return canonicalJson(Buffer.from(ieee754 ?? "", "hex").readDoubleBE());
}
