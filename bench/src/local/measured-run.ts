import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { AgentMessage } from "../corpus/agent-message.js";
import { directoryBytes } from "../files/scratch.js";
import { type Script, scriptOf } from "../script/script.js";

/** What each agent reads of its context: all messages of all hops, or the newest message only. */
export type Reading = "all" | "newest";

/** Called in the run of each agent with what it read. */
export type See = (messages: readonly AgentMessage[]) => void;

/** A system that can play a script and keep it in a directory. */
export interface System {
  open(directory: string): Player | Promise<Player>;
  /** Reads what a played chain left on the disk, with nothing known. */
  readBack(directory: string): Promise<Kept>;
}

export interface Player {
  /** Plays every hop; resolves once the last one survives a power cut, as each did before the next began. */
  play(script: Script, reading: Reading, see: See): Promise<void>;
  close(): Promise<void>;
}

export interface Kept {
  /** How many hops can each be gone back to. */
  readonly hops: number;
  /** Those of the whole chain, as its last reader gets them. */
  readonly messages: readonly AgentMessage[];
}

export interface RunRequest {
  /** The messages of each hop, as JSON. */
  readonly scriptFile: string;
  /** Empty; on the disk that is measured. */
  readonly directory: string;
  /** In the run that is measured. */
  readonly reading: Reading;
}

export interface RunResult {
  readonly seconds: number;
  readonly cpuMs: number;
  /** Of every file in the directory, after close. */
  readonly storedBytes: number;
  /** The characters that each agent read in the warm-up, which reads all. */
  readonly contextCharacters: readonly number[];
  /** The same in the run that was measured. */
  readonly readCharacters: readonly number[];
  readonly hopsKept: number;
  readonly messagesSha256: string;
}

const resultSchema: z.ZodType<RunResult> = z.object({
  seconds: z.number().positive(),
  cpuMs: z.number().positive(),
  storedBytes: z.number().positive(),
  contextCharacters: z.array(z.number()),
  readCharacters: z.array(z.number()),
  hopsKept: z.number(),
  messagesSha256: z.string(),
});

/** @throws ZodError when a child process answered with something else */
export const parseRunResult = (message: unknown): RunResult => resultSchema.parse(message);

/** A process plays this much before it is measured, so that the engine has compiled what it runs. */
export const WARM_UP_HOPS = 100;

/** Plays a script, measures it, and reads back what was kept. Meant for a process of its own. */
export async function measureRun(system: System, { scriptFile, directory, reading }: RunRequest): Promise<RunResult> {
  const messages = JSON.parse(readFileSync(scriptFile, "utf8")) as readonly (readonly AgentMessage[])[];
  const script = scriptOf(messages.length, messages);
  const warmUp = await system.open(join(directory, "warm-up"));
  const contextCharacters: number[] = [];
  const warmUpScript = scriptOf(Math.min(WARM_UP_HOPS, script.hops), messages);
  await warmUp.play(warmUpScript, "all", (context) => void contextCharacters.push(charactersOf(context)));
  await warmUp.close();

  const measured = join(directory, "measured");
  const player = await system.open(measured);
  const readCharacters: number[] = [];
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await player.play(script, reading, (read) => void readCharacters.push(charactersOf(read)));
  const seconds = (performance.now() - before) / 1000;
  const { user, system: kernel } = process.cpuUsage(cpuBefore);
  await player.close();

  const storedBytes = directoryBytes(measured);
  const kept = await system.readBack(measured);
  return {
    seconds,
    cpuMs: (user + kernel) / 1000,
    storedBytes,
    contextCharacters,
    readCharacters,
    hopsKept: kept.hops,
    messagesSha256: sha256Of(kept.messages),
  };
}

/** Looks at every message, as an agent does that makes a prompt of them. */
export function charactersOf(messages: readonly AgentMessage[]): number {
  let characters = 0;
  for (const { content } of messages) characters += content.length;
  return characters;
}

export function sha256Of(messages: readonly AgentMessage[]): string {
  return createHash("sha256").update(JSON.stringify(messages)).digest("hex");
}
