import { describe, expect, it } from "vitest";
import { fillQuotes, QuoteError } from "./quotes.js";

const files: Record<string, string> = {
  "examples/two-agents.ts": [
    'import { createRelay } from "@agenthandoff/core";',
    "// #region agents",
    "export function agents(): void {",
    "  // #region inner",
    "  const a = 1;",
    "",
    "  const b = 2;",
    "  // #endregion",
    "}",
    "// #endregion agents",
    "",
  ].join("\n"),
  "docs/sample.md": "text\n```ts\ncode\n```\n",
  "open.ts": "// #region open\nconst a = 1;\n",
};
const fill = (markdown: string): string => fillQuotes(markdown, "README.md", (path) => files[path]);

const block = (mark: string, ...body: string[]): string =>
  ["# Title", "", mark, "```ts", ...body, "```", "", "end", ""].join("\n");

describe("fillQuotes", () => {
  it("fills a block with the whole file, without its region comments", () => {
    expect(fill(block("<!-- quote examples/two-agents.ts -->", "old code"))).toBe(
      block(
        "<!-- quote examples/two-agents.ts -->",
        'import { createRelay } from "@agenthandoff/core";',
        "export function agents(): void {",
        "  const a = 1;",
        "",
        "  const b = 2;",
        "}",
      ),
    );
  });

  it("fills a block with one region, shifted to the left margin", () => {
    expect(fill(block("<!-- quote examples/two-agents.ts#inner -->"))).toBe(
      block("<!-- quote examples/two-agents.ts#inner -->", "const a = 1;", "", "const b = 2;"),
    );
  });

  it("takes a region with the regions inside it", () => {
    expect(fill(block("<!-- quote examples/two-agents.ts#agents -->"))).toContain(
      "{\n  const a = 1;\n\n  const b = 2;\n}\n```",
    );
  });

  it("changes nothing when run again", () => {
    const once = fill(block("<!-- quote examples/two-agents.ts -->"));
    expect(fill(once)).toBe(once);
  });

  it("fences quoted Markdown so that it cannot close its own block, and finds that block again", () => {
    const once = fill("<!-- quote docs/sample.md -->\n\n```md\n```\nend\n");
    expect(once).toBe("<!-- quote docs/sample.md -->\n\n````md\ntext\n```ts\ncode\n```\n````\nend\n");
    expect(fill(once)).toBe(once);
  });

  it("keeps the indent of a block inside a list", () => {
    expect(fill("- item\n  <!-- quote open.ts -->\n  ```ts\n  ```\n")).toBe(
      "- item\n  <!-- quote open.ts -->\n  ```ts\n  const a = 1;\n  ```\n",
    );
  });

  it("leaves other blocks alone, also marks that stand inside one", () => {
    const markdown = "```html\n<!-- quote nowhere.ts -->\n```\n\n~~~\n```\n~~~\n";
    expect(fill(markdown)).toBe(markdown);
  });

  it.each([
    [
      "names the line and the file that is missing",
      block("<!-- quote gone.ts -->"),
      "README.md:3: there is no file gone.ts",
    ],
    ["names a missing region", block("<!-- quote examples/two-agents.ts#gone -->"), 'has no closed "#region gone"'],
    ["refuses a region that never ends", block("<!-- quote open.ts#open -->"), 'has no closed "#region open"'],
    ["refuses a mark without a block", "<!-- quote open.ts -->\ntext\n", "README.md:1: no fenced block follows"],
    [
      "refuses a mark that it cannot read",
      block("<!-- quote open.ts one two -->"),
      "README.md:3: cannot read this mark",
    ],
    ["refuses a block that never ends", "<!-- quote open.ts -->\n```ts\n", "README.md:1: the fenced block"],
  ])("%s", (_title, markdown, message) => {
    expect(() => fill(markdown)).toThrow(QuoteError);
    expect(() => fill(markdown)).toThrow(message);
  });
});
