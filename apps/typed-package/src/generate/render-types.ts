import { comment, indent, literal, propertyKey } from "./literals.js";
import type { CellSpec, ColumnSpec, ValueSpec } from "./spec.js";

function typeOfValue(value: ValueSpec): string {
  switch (value.kind) {
    case "text":
      return "string";
    case "enum":
      return value.values.map(literal).join(" | ");
    case "integer":
    case "number":
      return "number";
    case "bigint":
      return "bigint";
    case "boolean":
      return "boolean";
    case "date":
      return "Date";
    case "nothing":
      return "null";
    case "list":
      return `(${typeOfCell(value.items)})[]`;
    case "record":
      return `{\n  ${indent(renderFields(value.fields))}\n}`;
    case "either":
      return value.of.map(typeOfValue).join(" | ");
    case "anything":
      return "unknown";
  }
}

function typeOfCell(cell: CellSpec): string {
  const type = typeOfValue(cell.value);
  return cell.nullable && type !== "null" && type !== "unknown" ? `${type} | null` : type;
}

function renderFields(columns: readonly ColumnSpec[]): string {
  return columns
    .map((column) => {
      const doc = column.about === undefined ? "" : `/** ${comment(column.about)} */\n`;
      const type = indent(typeOfCell(column), "");
      return `${doc}${propertyKey(column.name)}${column.optional ? "?" : ""}: ${type}${column.optional ? " | undefined" : ""};`;
    })
    .join("\n");
}

/** The members of the interface of a row. */
export const renderRowMembers = (columns: readonly ColumnSpec[]): string => renderFields(columns);

/** A type for people who read a table, not for the compiler. */
export function typeInWords(cell: CellSpec): string {
  const { value } = cell;
  const words: Record<ValueSpec["kind"], () => string> = {
    text: () => (value.kind === "text" && value.format !== undefined ? `text (${value.format})` : "text"),
    enum: () => (value.kind === "enum" ? `one of ${value.values.length}` : ""),
    integer: () => "integer",
    number: () => "number",
    bigint: () => "bigint",
    boolean: () => "boolean",
    date: () => (value.kind === "date" ? `date (${value.pattern})` : ""),
    nothing: () => "always null",
    list: () => (value.kind === "list" ? `list of ${typeInWords(value.items)}` : ""),
    record: () => "record",
    either: () =>
      value.kind === "either" ? value.of.map((of) => typeInWords({ value: of, nullable: false })).join(" or ") : "",
    anything: () => "anything",
  };
  return words[value.kind]();
}
