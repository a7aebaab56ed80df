import { setTimeout as delay } from "node:timers/promises";
import type { Backend, Relay } from "@agenthandoff/core";
import { writeJournal } from "./journal.js";
import { type AgentName, crashRelay } from "./scenario.js";

/** Where a process kills itself: it cannot be stopped more suddenly than by its own SIGKILL. */
export type KillPoint = "none" | "in-run" | "after-commit" | "before-send" | "after-send";

const POINTS: readonly KillPoint[] = ["none", "none", "in-run", "in-run", "after-commit", "before-send", "after-send"];

export interface Doom {
  /** `none`: it is killed from outside, at a random moment, or not at all. */
  readonly killAt: KillPoint;
  /** At how manyth passing of that point. */
  readonly countdown: number;
}

/** A process's life: plain data, since it crosses processes. */
export interface Life extends Doom {
  /** The file where it writes down what it does. */
  readonly journal: string;
  readonly maxRunMs: number;
}

export type NewLife = (doom: Doom) => Life;

export function pickPoint(): KillPoint {
  return POINTS[Math.floor(Math.random() * POINTS.length)] ?? "none";
}

/** The relay of a process that will be killed: it writes down what it does, and kills this process at its point. */
export function doomedRelay(backend: Backend, { journal, killAt, countdown, maxRunMs }: Life): Relay<AgentName> {
  let left = countdown;
  const pass = (point: KillPoint): void => {
    if (point === killAt && --left <= 0) process.kill(process.pid, "SIGKILL");
  };
  const watched: Backend = {
    ...backend,
    transport: {
      ...backend.transport,
      async send(queue, message, options) {
        pass("before-send");
        await backend.transport.send(queue, message, options);
        const { task_id: taskId, hop } = JSON.parse(message.body) as { task_id: string; hop: number };
        writeJournal(journal, { at: "sent", taskId, hop });
        pass("after-send");
      },
    },
  };
  return crashRelay(
    watched,
    async ({ signal }) => {
      await delay(Math.random() * maxRunMs, undefined, { signal });
      pass("in-run");
    },
    (event) => {
      if (event.kind === "run-started") writeJournal(journal, { at: "run", taskId: event.taskId, hop: event.hop });
      if (event.kind === "run-ended") writeJournal(journal, { at: "ran", taskId: event.taskId, hop: event.hop });
      if (event.kind === "committed") {
        const sends = event.decision === "handoff";
        writeJournal(journal, { at: "committed", taskId: event.taskId, hop: event.hop, sends });
        pass("after-commit");
      }
    },
  );
}
