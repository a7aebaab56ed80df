import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

it("never gives stored data to LangChain's load(), which makes what the data names and reads secrets for it", () => {
  const source = join(import.meta.dirname, "..");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts"),
  );
  expect(files).toContain("index.ts");
  for (const file of files) {
    const text = readFileSync(join(source, file), "utf8");
    expect(text, file).not.toMatch(/@langchain\/core\/load|langchain\/load/);
  }
});
