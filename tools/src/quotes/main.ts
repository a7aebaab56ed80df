import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fillQuotes, QuoteError } from "./quotes.js";

// Fills the quotations of every README.md and docs/**/*.md; with --check it writes nothing and fails on an old one.
const root = join(import.meta.dirname, "../../..");
const check = process.argv.includes("--check");

const markdownPaths = execFileSync(
  "git",
  ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ":(glob)**/README.md", ":(glob)docs/**/*.md"],
  { cwd: root, encoding: "utf8" },
)
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(root, path)));

const problems: string[] = [];
for (const path of new Set(markdownPaths)) {
  const before = readFileSync(join(root, path), "utf8");
  try {
    const after = fillQuotes(before, path, (quoted) =>
      existsSync(join(root, quoted)) ? readFileSync(join(root, quoted), "utf8") : undefined,
    );
    if (after === before) continue;
    if (check) problems.push(`${path}: a quotation is out of date; run \`npm run quotes\``);
    else writeFileSync(join(root, path), after);
  } catch (error) {
    if (!(error instanceof QuoteError)) throw error;
    problems.push(error.message);
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else {
  console.log(`quotations are up to date in ${markdownPaths.length} Markdown files`);
}
