import { readFile } from "node:fs/promises";
import { literal } from "./literals.js";
import { renderReadme } from "./render-readme.js";
import { renderSchema } from "./render-schema.js";
import { renderTest } from "./render-test.js";
import { holdsText, type PackageSpec } from "./spec.js";

/** The files of a package by path, in a fixed order. */
export type PackageFiles = Readonly<Record<string, string>>;

/** The package's own dependency on zod. */
const ZOD_RANGE = "^4.0.0";

/** What is copied into packages as it is. */
export const RUNTIME: URL = new URL("./runtime/", import.meta.url);

function renderIndex(spec: PackageSpec): string {
  const { source } = spec;
  const text = holdsText(source);
  const reader = text ? "delimitedRows" : source.kind === "json" ? "jsonRows" : "ndjsonRows";
  const file = text ? "delimited" : source.kind;
  const options = text
    ? `{ delimiter: ${literal(source.delimiter ?? ",")}, columns: COLUMNS }`
    : source.kind === "json" && source.member !== undefined
      ? `{ member: ${literal(source.member)} }`
      : undefined;
  const columns = text ? `\nconst COLUMNS = ${literal(spec.columns.map(({ name }) => name))} as const;\n` : "";
  return `import { checkRows, type ReadOptions } from "./check-rows.js";
import { ${reader} } from "./${file}.js";
import { type Row, rowSchema } from "./schema.js";
import type { Source } from "./source.js";

export type { ReadOptions } from "./check-rows.js";
export { FileError, type Problem, RowError } from "./errors.js";
export { type Row, rowSchema } from "./schema.js";
export type { Source } from "./source.js";
${columns}
/**
 * Reads the file row by row.
 *
 * @throws FileError when the file as a whole cannot be read
 * @throws RowError for the first row that does not fit, unless \`options.onInvalid\` takes it
 */
export function readRows(source: Source, options: ReadOptions = {}): AsyncGenerator<Row, void, undefined> {
  return checkRows(rowSchema, ${reader}(source${options === undefined ? "" : `, ${options}`}), options);
}
`;
}

function renderManifest(spec: PackageSpec): string {
  const manifest = {
    name: spec.name,
    version: "1.0.0",
    description: `Typed rows of ${spec.source.file}`,
    // Whose data it is, is for its owner to say before it is published anywhere.
    private: true,
    license: "UNLICENSED",
    type: "module",
    engines: { node: ">=20" },
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    types: "./dist/index.d.ts",
    files: ["dist", "src", "tsconfig.json"],
    sideEffects: false,
    scripts: { build: "tsc -p .", test: "node --test dist/index.test.js" },
    dependencies: { zod: ZOD_RANGE },
    devDependencies: { "@types/node": ">=20", typescript: ">=5.9" },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      target: "es2022",
      lib: ["es2023"],
      types: ["node"],
      module: "nodenext",
      moduleResolution: "nodenext",
      rootDir: "src",
      outDir: "dist",
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitOverride: true,
      verbatimModuleSyntax: true,
      isolatedDeclarations: true,
      declaration: true,
      skipLibCheck: true,
    },
    include: ["src"],
  },
  null,
  2,
)}\n`;

function runtimeFiles(spec: PackageSpec, schema: string): string[] {
  const reader = holdsText(spec.source) ? "delimited" : spec.source.kind;
  const cells = schema.includes('"./cells.js"') ? ["cells", "dates"] : [];
  const own = schema.includes('"./own-members.js"') ? ["own-members"] : [];
  return ["check-rows", "errors", "source", reader, ...cells, ...own].sort();
}

/**
 * The source of a package: a function of what was learned, and of nothing else. The same spec gives the same bytes.
 */
export async function generatePackage(spec: PackageSpec): Promise<PackageFiles> {
  const schema = renderSchema(spec);
  const runtime = await Promise.all(
    runtimeFiles(spec, schema).map(
      async (name) => [`src/${name}.ts`, await readFile(new URL(`${name}.ts`, RUNTIME), "utf8")] as const,
    ),
  );
  return Object.fromEntries([
    ["package.json", renderManifest(spec)],
    ["README.md", renderReadme(spec)],
    ["tsconfig.json", TSCONFIG],
    ["src/index.ts", renderIndex(spec)],
    ["src/schema.ts", schema],
    ...runtime,
    ["src/index.test.ts", renderTest(spec)],
  ]);
}
