import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { createPrinter, type PrinterOptions } from "./printer.js";
import type { Progress } from "./progress.js";

function printed(options: Omit<PrinterOptions, "stream">, ...progress: readonly Progress[]): string {
  const stream = Object.assign(new PassThrough(), { columns: 80 }) as unknown as NodeJS.WriteStream & PassThrough;
  const printer = createPrinter({ stream, ...options });
  for (const each of progress) printer.progress(each);
  printer.close();
  return String(stream.read() ?? "");
}

const base = { taskId: "t", agent: "code" } as const;
const PROGRESS: readonly Progress[] = [
  {
    ...base,
    kind: "received",
    hop: 1,
    from: "research",
    reason: "odd:\u001b[2J\nx",
    entries: { input: 1, message: 3 },
    added: 3,
  },
  { ...base, kind: "tool-started", tool: "write_package" },
  { ...base, kind: "tool-ended", tool: "write_package", ms: 1234, failed: false },
  { ...base, kind: "handing", to: "qa" },
  { ...base, kind: "committed", hop: 2, decision: "handoff" },
];

const LINES = `code       received 4 entries from research: 1 input, 3 messages, 3 of them new, the rest from all hops before
           “odd: [2J x”
           · write_package done in 1.2 s
           → hands to qa
`;

describe("progress", () => {
  it("is plain lines where nobody watches, and an agent's words cannot steer a terminal", () => {
    expect(printed({ live: false, colors: false }, ...PROGRESS)).toBe(LINES);
  });

  it("is the same lines on a terminal, beside a line that moves and is gone in the end", () => {
    const text = printed({ live: true, colors: false }, ...PROGRESS);
    expect(text).toContain("code: write_package · 0 s");
    // What a terminal shows in the end: the rest of a line is cleared by each return to its beginning.
    const shown = text.split("\n").map((line) => stripVTControlCharacters(line.split("\r\u001b[K").at(-1) ?? ""));
    expect(shown.join("\n")).toBe(LINES);
  });

  it("tells of failures", () => {
    const text = printed(
      { live: false, colors: false },
      { ...base, kind: "tool-started", tool: "check_package" },
      { ...base, kind: "tool-ended", tool: "check_package", ms: 0, failed: true },
      { ...base, kind: "committed", hop: 2, decision: "fail" },
    );
    expect(text).toContain("· check_package failed in 0.0 s");
    expect(text).toContain("→ fails the task");
  });
});
