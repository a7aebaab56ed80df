import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@agenthandoff/local";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { beforeAll, expect, it } from "vitest";
import { fullRelay } from "./agents/full-relay.js";
import type { Finished } from "./commands/another-process.js";
import { approve } from "./commands/approve.js";
import { differences } from "./compare/differences.js";
import { functionFolders } from "./lambda/function-folder.js";
import { type Invoked, runFunctions } from "./lambda/local-functions.js";
import { placeOn, RELAY_ID, type TestServers } from "./testing/place.js";
import { type Persons, REFUSAL, type Run, runScenario } from "./testing/scenario.js";

/** The ways run at the same time, on a machine that has other things to do as well. */
const PATIENCE_MS = 600_000;

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "relay-aws-ways-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const onLocal = (): Promise<Run> =>
  inFolder(async (directory) => {
    const relay = fullRelay(RELAY_ID, local({ directory }));
    const stop = new AbortController();
    const working = relay.worker({ signal: stop.signal });
    try {
      return await runScenario(relay, {
        refuse: (id, head) => approve(relay.task(id), { head, by: "bo", reject: REFUSAL }),
        allow: (id, head) => approve(relay.task(id), { head, by: "ann" }),
      });
    } finally {
      stop.abort();
      await working;
      await relay.close();
    }
  });

/** Two processes share the agents; the persons answer in this one. */
async function byWorkers(servers: TestServers): Promise<Run> {
  await using place = await placeOn(servers);
  const relay = fullRelay(RELAY_ID, place.backend);
  const workers = [
    place.command("worker", "--agents", "research,code,qa"),
    place.command("worker", "--agents", "release,deploy"),
  ];
  const ended = workers.map(async ({ finished }): Promise<never> => {
    throw new Error(`a worker ended: ${(await finished).output}`);
  });
  try {
    const run = runScenario(relay, {
      refuse: (id, head) => approve(relay.task(id), { head, by: "bo", reject: REFUSAL }),
      allow: (id, head) => approve(relay.task(id), { head, by: "ann" }),
    });
    return await Promise.race([run, ...ended]);
  } finally {
    const last = await Promise.all(workers.map((worker) => worker.stop()));
    for (const outcome of await Promise.allSettled(ended)) expect(outcome.status).toBe("rejected");
    expect(last.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  }
}

interface Answers {
  readonly refused: Finished;
  /** Of one who saw the first question only. */
  readonly tooLate: Finished;
  readonly allowed: Finished;
  /** The same once more. */
  readonly again: Finished;
}

interface FunctionsRun extends Run {
  readonly invoked: readonly Invoked[];
  readonly answers: Answers;
  readonly status: Finished;
  /** What the command `package` says, and the sha256 of the tarball that it wrote. */
  readonly taken: Finished & { readonly sha256: string };
}

/** Bundled functions in child processes; each person answers in a process of their own. */
const byFunctions = (servers: TestServers): Promise<FunctionsRun> =>
  inFolder(async (folder) => {
    await using place = await placeOn(servers);
    const functions = await functionFolders(folder, { link: true });
    const stop = new AbortController();
    const invoked: Invoked[] = [];
    const working = runFunctions({
      ...{ resources: place.resources, functions, client: place.sqs, environment: place.environment },
      signal: stop.signal,
      onInvoked: (each) => invoked.push(each),
    });
    const answer = (id: string, head: string, by: string, ...more: string[]) =>
      place.command("approve", id, "--by", by, "--head", head, ...more).finished;
    const answers: { -readonly [Name in keyof Answers]?: Answers[Name] } = {};
    const persons: Persons = {
      async refuse(id, head) {
        answers.refused = await answer(id, head, "bo", "--reject", REFUSAL);
      },
      async allow(id, head, before) {
        answers.tooLate = await answer(id, before, "ann");
        answers.allowed = await answer(id, head, "ann");
        answers.again = await answer(id, head, "ann");
      },
    };
    try {
      const running = runScenario(fullRelay(RELAY_ID, place.backend), persons);
      const run = await Promise.race([running, working.then(() => running)]);
      const status = await place.command("status", run.taskId).finished;
      const taken = await place.command("package", run.taskId, "--out", folder).finished;
      const tarball = await readFile(join(folder, run.taskId, "typed-orders-1.0.0.tgz"));
      const sha256 = createHash("sha256").update(tarball).digest("hex");
      return { ...run, invoked, answers: answers as Answers, status, taken: { ...taken, sha256 } };
    } finally {
      stop.abort();
      await working;
    }
  });

describeWithServers(["s3", "sqs", "dynamodb"], "the typed-package relay with an approval", (servers) => {
  let ways: {
    readonly local: Promise<Run>;
    readonly workers: Promise<Run>;
    readonly functions: Promise<FunctionsRun>;
  };
  beforeAll(() => {
    const on = servers as TestServers;
    ways = { local: onLocal(), workers: byWorkers(on), functions: byFunctions(on) };
    for (const way of Object.values(ways)) way.catch(() => {});
  });

  it("runs through bundled Lambda functions, each message in a process of its own", {
    timeout: PATIENCE_MS,
  }, async () => {
    const { context, invoked, verification } = await ways.functions;
    expect(context.handoffs.map(({ decision }) => (decision.kind === "handoff" ? decision.to : decision.kind))).toEqual(
      [
        ...[
          "research",
          "code",
          "qa",
          "release",
          "wait",
          "release",
          "code",
          "qa",
          "release",
          "wait",
          "release",
          "deploy",
        ],
        "complete",
      ],
    );
    expect(verification.ok).toBe(true);
    const messages = invoked.filter(({ agent }) => agent !== undefined);
    expect(messages.map(({ agent, name, deleted }) => [agent, name, deleted])).toEqual(
      ["research", "code", "qa", "release", "release", "code", "qa", "release", "release", "deploy"].map((agent) => [
        ...[agent, agent === "release" ? "release" : "router", 1],
      ]),
    );
  });

  it("runs in worker processes, each with agents of its own", { timeout: PATIENCE_MS }, async () => {
    const { context, verification } = await ways.workers;
    expect(context.handoffs).toHaveLength(13);
    expect(verification.ok).toBe(true);
  });

  it.each(["functions", "workers"] as const)(
    "leaves by %s the context that it leaves on this machine, but for ids, times and usage",
    { timeout: PATIENCE_MS },
    async (way) => {
      const [here, there] = [await ways.local, await ways[way]];
      expect(here.context.entries.length).toBeGreaterThan(40);
      expect(differences(here.context, there.context)).toEqual([]);
    },
  );

  it("makes the same tarball in every way", { timeout: PATIENCE_MS }, async () => {
    const runs = [await ways.local, await ways.workers, await ways.functions];
    const [expected] = runs[0]?.sha256 ?? [];
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    for (const { sha256 } of runs) expect(sha256).toEqual([expected, expected]);
  });

  it("waits for a person, whose answer from another process moves it on", { timeout: PATIENCE_MS }, async () => {
    const { context, answers, questions, status } = await ways.functions;
    expect(questions[0].question).toMatchObject({ package: "typed-orders", version: 1 });
    expect([answers.refused.exitCode, answers.allowed.exitCode]).toEqual([0, 0]);
    expect(context.handoffs.map(({ by }) => by).filter((by) => by !== undefined)).toEqual(["bo", "ann"]);
    expect(status.output).toContain("completed at hop 12 (deploy)");
    expect(status.output).toMatch(/ann hands to release .*\n +“approved”/);
    expect(status.output).toContain(`“bo refuses: ${REFUSAL}”`);
  });

  it("gives a refusal to Code with its reason, and asks anew", { timeout: PATIENCE_MS }, async () => {
    const { context, questions } = await ways.functions;
    expect(context.handoffs[6]?.decision).toEqual({ kind: "handoff", to: "code", reason: `bo refuses: ${REFUSAL}` });
    expect(questions[1].question).toMatchObject({ version: 2, columns: expect.arrayContaining(["status: text"]) });
    expect(questions[1].head).not.toBe(questions[0].head);
  });

  it("gives the tarball to whoever asks for it by the task's name", { timeout: PATIENCE_MS }, async () => {
    const { taken, sha256, taskId } = await ways.functions;
    expect(taken).toMatchObject({ exitCode: 0, sha256: sha256[0] });
    expect(taken.output).toContain(join(taskId, "typed-orders-1.0.0.tgz"));
  });

  it("refuses an answer to an older question, by name", { timeout: PATIENCE_MS }, async () => {
    const { tooLate } = (await ways.functions).answers;
    expect(tooLate.exitCode).toBe(1);
    expect(tooLate.output).toContain("HeadMovedError: task orders-");
  });

  it("applies an answer that is given twice once", { timeout: PATIENCE_MS }, async () => {
    const { context, answers } = await ways.functions;
    expect(answers.again.exitCode).toBe(0);
    expect(context.entries.filter(({ kind }) => kind === "answer").map(({ value }) => value)).toEqual([
      { approved: false, reason: REFUSAL },
      { approved: true },
    ]);
  });
});
