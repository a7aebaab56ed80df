import { TEXT_FORMATS } from "../profile/text-formats.js";
import { indent, literal, propertyKey } from "./literals.js";
import { renderRowMembers, typeInWords } from "./render-types.js";
import { type CellSpec, type ColumnSpec, holdsText, type PackageSpec, type ValueSpec } from "./spec.js";

/** Zod code, with the helpers of `cells.ts` that it needs. */
interface Renderer {
  cell(cell: CellSpec): string;
  readonly used: Set<string>;
}

function numberOptions(value: ValueSpec & { kind: "integer" | "number" }): string {
  const options = {
    ...(value.min !== undefined && { min: value.min }),
    ...(value.style !== undefined && { style: value.style }),
  };
  return Object.keys(options).length === 0 ? "" : literal(options);
}

const enumeration = (values: readonly string[]): string =>
  `z.enum([${values.map(literal).join(", ")}], "expected one of the ${values.length} known texts")`;

/** Cells that are texts: read and checked in one step. */
function textRenderer(): Renderer {
  const used = new Set<string>();
  const call = (helper: string, options = ""): string => {
    used.add(helper);
    return `${helper}(${options})`;
  };
  const value = (spec: ValueSpec, nullable: boolean): string => {
    switch (spec.kind) {
      case "text":
        if (spec.format !== undefined)
          return `z.string().regex(${TEXT_FORMATS[spec.format]}, ${literal(`expected ${spec.format}`)})`;
        return nullable ? "z.string()" : 'z.string().min(1, "expected some text")';
      case "enum":
        return enumeration(spec.values);
      case "integer":
      case "number":
        return call(spec.kind, numberOptions(spec));
      case "bigint":
      case "nothing":
        return call(spec.kind);
      case "boolean":
        return call("boolean", literal({ yes: spec.yes ?? ["true"], no: spec.no ?? ["false"] }));
      case "date":
        return call("date", literal(spec.pattern));
      default:
        throw new TypeError(`a cell of a text file cannot be ${spec.kind}; use text`);
    }
  };
  return {
    used,
    cell: (cell) => {
      const inner = value(cell.value, cell.nullable);
      return cell.nullable ? call("nullable", `${literal(cell.nulls ?? [""])}, ${inner}`) : inner;
    },
  };
}

/** Cells that are JSON values: they have their type already. */
function jsonRenderer(): Renderer {
  const used = new Set<string>();
  const value = (spec: ValueSpec): string => {
    switch (spec.kind) {
      case "text":
        return spec.format === undefined
          ? "z.string()"
          : `z.string().regex(${TEXT_FORMATS[spec.format]}, ${literal(`expected ${spec.format}`)})`;
      case "enum":
        return enumeration(spec.values);
      case "integer":
      case "number":
        return `${spec.kind === "integer" ? "z.int()" : "z.number()"}${spec.min === undefined ? "" : `.min(${literal(spec.min)})`}`;
      case "boolean":
        return "z.boolean()";
      case "date":
        used.add("date");
        return `date(${literal(spec.pattern)})`;
      case "nothing":
        return "z.null()";
      case "list":
        return `z.array(${cell(spec.items)})`;
      case "record":
        return ownMembersOnly(spec.fields, objectSchema(spec.fields, cell));
      case "either":
        return `z.union([${spec.of.map(value).join(", ")}], ${literal(`expected ${typeInWords({ value: spec, nullable: false })}`)})`;
      case "anything":
        return "z.unknown()";
      case "bigint":
        throw new TypeError("JSON numbers cannot be bigint; use integer or number");
    }
  };
  const cell = (spec: CellSpec): string => {
    const inner = value(spec.value);
    return spec.nullable && spec.value.kind !== "nothing" && spec.value.kind !== "anything"
      ? `${inner}.nullable()`
      : inner;
  };
  return { used, cell };
}

function objectSchema(columns: readonly ColumnSpec[], cell: (cell: CellSpec) => string): string {
  const members = columns.map((column) => {
    const schema = indent(cell(column));
    return `  ${propertyKey(column.name)}: ${schema}${column.optional ? ".optional()" : ""},`;
  });
  return `z.strictObject({\n${members.join("\n")}\n})`;
}

/** Only a member that may be missing can be taken for the one that every object inherits. */
function ownMembersOnly(columns: readonly ColumnSpec[], schema: string): string {
  return columns.some(({ name, optional }) => optional && name in Object.prototype) ? `ownMembers(${schema})` : schema;
}

/** `src/schema.ts` of the package: the type of a row and the schema that checks it. */
export function renderSchema(spec: PackageSpec): string {
  const renderer = holdsText(spec.source) ? textRenderer() : jsonRenderer();
  const schema = ownMembersOnly(spec.columns, objectSchema(spec.columns, renderer.cell));
  const helpers = [...renderer.used].sort();
  const imports = [
    ...(helpers.length > 0 ? [`import { ${helpers.join(", ")} } from "./cells.js";\n`] : []),
    ...(schema.includes("ownMembers(") ? ['import { ownMembers } from "./own-members.js";\n'] : []),
  ].join("");
  return `import { z } from "zod";
${imports}
/** One row. */
export interface Row {
  ${indent(renderRowMembers(spec.columns))}
}

/** Checks one raw row and gives it its types. A column that it does not know is refused. */
export const rowSchema: z.ZodType<Row> = ${schema};
`;
}
