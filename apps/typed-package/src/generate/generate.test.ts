import { describe, expect, it } from "vitest";
import { compilePackage, runPackageTests } from "../check/compile.js";
import { openWorkshop } from "../check/workshop.js";
import { generatePackage } from "./generate.js";
import { type ColumnSpec, type PackageSpec, packageSpec } from "./spec.js";

const PLAIN = { decimal: ".", group: "", prefix: "", suffix: "" } as const;

const TEXT_COLUMNS: readonly ColumnSpec[] = [
  { name: "id", value: { kind: "integer", min: 0 }, nullable: false, about: "0 to 7 */ process.exit(1) /*" },
  {
    name: "unit price",
    value: { kind: "number", style: { ...PLAIN, group: ",", prefix: "$" } },
    nullable: true,
    nulls: ["", "NA"],
  },
  { name: "serial", value: { kind: "bigint" }, nullable: false },
  {
    name: 'odd "name"; \u0024{x} `y`',
    value: { kind: "enum", values: ['"quoted"', "back\\slash", "line\u2028break"] },
    nullable: false,
  },
  { name: "when", value: { kind: "date", pattern: "MMM D YYYY h:mm A" }, nullable: false },
  { name: "paid", value: { kind: "boolean", yes: ["Y"], no: ["N"] }, nullable: true, nulls: [""] },
  { name: "mail", value: { kind: "text", format: "email" }, nullable: false },
  { name: "zip", value: { kind: "text", format: "digits" }, nullable: true, nulls: [""] },
  { name: "note", value: { kind: "text" }, nullable: true, nulls: [""] },
  { name: "title", value: { kind: "text" }, nullable: false },
  { name: "unused", value: { kind: "nothing" }, nullable: true, nulls: [""] },
];

const JSON_COLUMNS: readonly ColumnSpec[] = [
  { name: "id", value: { kind: "integer", min: 5 }, nullable: false },
  { name: "title", value: { kind: "either", of: [{ kind: "text" }, { kind: "integer" }] }, nullable: true },
  { name: "ratio", value: { kind: "number" }, nullable: false, optional: true },
  { name: "when", value: { kind: "date", pattern: "YYYY-MM-DDTHH:mm:ss.SSSZ" }, nullable: false },
  { name: "ok", value: { kind: "boolean" }, nullable: false },
  { name: "none", value: { kind: "nothing" }, nullable: true },
  { name: "any", value: { kind: "anything" }, nullable: false },
  {
    name: "geometry",
    value: {
      kind: "record",
      fields: [
        { name: "type", value: { kind: "enum", values: ["Point"] }, nullable: false },
        {
          name: "coordinates",
          value: { kind: "list", items: { value: { kind: "number" }, nullable: true } },
          nullable: false,
        },
      ],
    },
    nullable: true,
    optional: true,
  },
];

function spec(kind: PackageSpec["source"]["kind"], more: Partial<PackageSpec["source"]> = {}): PackageSpec {
  const text = kind === "csv" || kind === "tsv";
  return {
    name: "typed-orders",
    source: { file: `orders.${kind}`, kind, ...(text && { delimiter: kind === "csv" ? ";" : "\t" }), ...more },
    rowsSampled: 200,
    columns: text ? TEXT_COLUMNS : JSON_COLUMNS,
  };
}

describe("a generated package", () => {
  it.each([spec("csv"), spec("tsv"), spec("json"), spec("json", { member: "features" }), spec("ndjson")])(
    "compiles and passes its own tests ($source.kind $source.member)",
    async (given) => {
      await using workshop = await openWorkshop(await generatePackage(packageSpec.parse(given)));
      expect(await compilePackage(workshop.directory)).toEqual([]);
      expect(await runPackageTests(workshop.directory)).toBeUndefined();
    },
  );

  it("has the same bytes for the same spec, and others when one finding differs", async () => {
    const first = await generatePackage(spec("csv"));
    expect(await generatePackage(spec("csv"))).toEqual(first);
    const altered = {
      ...spec("csv"),
      columns: TEXT_COLUMNS.map((column) => (column.name === "id" ? { ...column, nullable: true } : column)),
    };
    const second = await generatePackage(altered);
    expect(second["src/schema.ts"]).not.toBe(first["src/schema.ts"]);
    expect(second["src/schema.ts"]).toContain("id: number | null;");
  });

  it("shows compile errors by file and line", async () => {
    const files = await generatePackage(spec("json"));
    await using workshop = await openWorkshop({
      ...files,
      "src/schema.ts": `${files["src/schema.ts"]}\nexport const wrong: number = "text";\n`,
    });
    const errors = await compilePackage(workshop.directory);
    expect(errors).toEqual([
      { file: "src/schema.ts", line: expect.any(Number), message: expect.stringContaining("TS2322") },
    ]);
  });

  it("cannot be told to hold what its source cannot", async () => {
    const columns = [
      {
        name: "a",
        value: { kind: "list" as const, items: { value: { kind: "text" as const }, nullable: false } },
        nullable: false,
      },
    ];
    await expect(generatePackage({ ...spec("csv"), columns })).rejects.toThrow(
      "a cell of a text file cannot be list; use text",
    );
  });
});
