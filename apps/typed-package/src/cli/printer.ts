import { styleText } from "node:util";
import type { Progress, Received } from "./progress.js";

export interface Printer {
  line(text?: string): void;
  progress(progress: Progress): void;
  note(text: string): void;
  /** Ends what is live on the terminal. */
  close(): void;
}

export interface PrinterOptions {
  readonly stream: NodeJS.WriteStream;
  readonly live: boolean;
  readonly colors: boolean;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const LABEL = 10;

/** Agents' words may hold anything; nothing in them may steer a terminal. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

export function receivedInWords({ from, hop, entries, added }: Received): string {
  const kinds = Object.entries(entries).map(([kind, count]) => plural(count, kind));
  const total = Object.values(entries).reduce((sum, count) => sum + count, 0);
  const span = hop === 0 ? "" : `, ${added} of them new, the rest from all hops before`;
  return `received ${plural(total, "entry", "entries")} from ${from ?? "the caller"}: ${kinds.join(", ")}${span}`;
}

/** What somebody does who decides so. */
export function decisionInWords(decision: string, to: string): string {
  if (decision === "handoff") return `hands to ${to}`;
  return decision === "wait" ? "waits for an answer" : `${decision}s the task`;
}

/** Writes progress as lines; on a terminal a last line also moves while an agent works. */
export function createPrinter({ stream, live, colors }: PrinterOptions): Printer {
  const style = (format: Parameters<typeof styleText>[0], text: string) => (colors ? styleText(format, text) : text);
  let status: { text: string; since: number } | undefined;
  let frame = 0;
  const clear = () => {
    if (live && status) stream.write("\r\u001b[K");
  };
  const draw = () => {
    if (!live || !status) return;
    const seconds = ((performance.now() - status.since) / 1000).toFixed(0);
    const text = `${FRAMES[frame++ % FRAMES.length]} ${status.text} · ${seconds} s`.slice(
      0,
      Math.max(10, stream.columns - 1),
    );
    stream.write(`\r\u001b[K${style("cyan", text)}`);
  };
  const timer = live ? setInterval(draw, FRAME_MS) : undefined;
  timer?.unref();
  const show = (text: string | undefined) => {
    clear();
    status = text === undefined ? undefined : { text, since: performance.now() };
    draw();
  };
  const line = (text = "") => {
    clear();
    stream.write(`${text}\n`);
    draw();
  };
  const targets = new Map<string | null, string>();
  const labeled = (label: string, text: string) => line(`${style("bold", label.padEnd(LABEL))} ${text}`);

  return {
    line,
    note: (text) => line(`${" ".repeat(LABEL)} ${style("yellow", text)}`),
    progress(progress) {
      const { agent } = progress;
      switch (progress.kind) {
        case "handing":
          targets.set(agent, progress.to);
          break;
        case "committed":
          if (agent === null) break;
          show(undefined);
          labeled(
            "",
            style(
              progress.decision === "fail" ? "red" : "green",
              `→ ${decisionInWords(progress.decision, targets.get(progress.agent) ?? "the next")}`,
            ),
          );
          break;
        case "received":
          labeled(progress.agent, receivedInWords(progress));
          if (progress.reason !== undefined)
            line(`${" ".repeat(LABEL)} ${style("dim", `“${printable(progress.reason)}”`)}`);
          show(`${agent} is at work`);
          break;
        case "tool-started":
          show(`${agent}: ${progress.tool}`);
          break;
        case "tool-ended": {
          const how = progress.failed ? style("red", "failed") : "done";
          labeled("", `· ${progress.tool} ${how} in ${(progress.ms / 1000).toFixed(1)} s`);
          show(`${agent} is at work`);
        }
      }
    },
    close() {
      clear();
      status = undefined;
      if (timer) clearInterval(timer);
    },
  };
}
