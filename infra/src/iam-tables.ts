import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A row of a driver's table of operations. */
export interface Operation {
  readonly operation: string;
  readonly action: string;
  /** `table` or `index/<name>`, where the table tells; else empty. */
  readonly resource: string;
  readonly when: string;
}

/** The table in the section IAM of a package's README. Tests of that package hold it against the requests really sent. */
export function operationsOf(packageName: string): readonly Operation[] {
  const readme = readFileSync(join(import.meta.dirname, "../../packages", packageName, "README.md"), "utf8");
  const section = readme.split("\n## ").find((each) => each.startsWith("IAM\n")) ?? "";
  const rows = section
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, operation, action]) => /^`\w+`$/u.test(operation ?? "") && /^`\w+:\w+`$/u.test(action ?? ""));
  return rows.flatMap((cells) => {
    const [operation = "", action = "", third = "", fourth] = cells.slice(1, -1).map((cell) => cell);
    const bare = (text: string) => text.replaceAll("`", "");
    const [resource, when] = fourth === undefined ? ["", third] : [bare(third), fourth];
    // "of a version also `s3:DeleteObjectVersion`"
    const also = [...when.matchAll(/also `(\w+:\w+)`/gu)].map(([, more = ""]) => more);
    return [bare(action), ...also].map((each) => ({ operation: bare(operation), action: each, resource, when }));
  });
}
