import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { API_KEY, chatCompletionsServer } from "./testing/chat-completions-server.js";
import { type Finished, type Standing, stand } from "./testing/command-line.js";

const ROWS = Array.from(
  { length: 80 },
  (_, index) => `${index},${index === 60 ? "" : index / 4},${index < 50 ? ["red", "green"][index % 2] : "blue"}`,
);
const CSV = `id,price,kind\n${ROWS.join("\n")}\n`;
const ARGS = ["orders.csv", "--sample", "20"];

const lastLines = ({ stdout }: Finished, count: number): string[] => stdout.trimEnd().split("\n").slice(-count);

async function sha256(standing: Standing, { stdout }: Finished): Promise<string> {
  const path = /^package: (?<path>.*)$/m.exec(stdout)?.groups?.path ?? "";
  return createHash("sha256")
    .update(await readFile(join(standing.directory, path)))
    .digest("hex");
}

let known: Promise<string> | undefined;

/** What an undisturbed run of the same file packs. */
function undisturbed(): Promise<string> {
  known ??= (async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    return sha256(standing, await standing.run(ARGS));
  })();
  return known;
}

describe.concurrent("npm start", { timeout: 300_000 }, () => {
  it("ends with the audit and the package, in plain lines that tell who received what from whom", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    const result = await standing.run(ARGS);
    expect(result.stderr).toBe("");
    expect(result.exitCode).toBe(0);
    const { stdout } = result;
    expect(stdout).toContain("offline and rule-based: no language model");
    expect(stdout).toContain("research   received 2 entries from the caller: 1 input, 1 artifact");
    expect(stdout).toMatch(/code {7}received \d+ entries from research: 1 input, 1 artifact, \d+ messages/);
    expect(stdout).toMatch(/code {7}received \d+ entries from qa/);
    expect(stdout).toContain("· check_package done in");
    expect(stdout).toContain("QA handed the package back once");
    expect(stdout).toMatch(/verified: 7 handoffs, \d+ blobs, all hashes hold/);
    // No control sequences where nobody looks.
    expect(stdout).not.toContain("\u001b");
    const [audit, made] = lastLines(result, 2);
    expect(audit).toMatch(/^audit: out\/orders-[0-9a-f]{12}\/audit\.md$/);
    expect(made).toMatch(/^package: out\/orders-[0-9a-f]{12}\/typed-orders-1\.0\.0\.tgz$/);
    expect(await readFile(join(standing.directory, audit?.slice(7) ?? ""), "utf8")).toContain(
      "Nothing is missing or altered.",
    );
    expect(stdout).toContain(await sha256(standing, result));
  });

  it("repeats nothing for the same file, and says so", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    const first = await standing.run(ARGS);
    const second = await standing.run([...ARGS, "--json"]);
    expect(second.exitCode).toBe(0);
    expect(second.stderr).toContain("This task completed before: nothing is run again.");
    expect(second.stderr).not.toContain("received");
    const outcome = JSON.parse(lastLines(second, 1)[0] ?? "");
    expect(outcome).toMatchObject({
      status: "completed",
      hadEnded: true,
      rows: 80,
      rowsSampled: 20,
      repeated: [],
      sha256: await sha256(standing, first),
    });
    expect(outcome.handedBack).toHaveLength(1);
  });

  it("goes on where it was killed, and repeats nothing that was done", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    const first = standing.start(ARGS);
    await first.says("→ hands to qa");
    first.child.kill("SIGKILL");
    await first.finished;
    const second = await standing.run(ARGS);
    expect(second.exitCode).toBe(0);
    expect(second.stdout).toMatch(
      /This task was begun before, and hop \d is done\. It goes on with (qa|code|deploy); nothing before is repeated\./,
    );
    expect(second.stdout).not.toMatch(/^research {3}received/m);
    expect(await sha256(standing, second)).toBe(await undisturbed());
  });

  it("stops at Ctrl-C and says how to go on", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    const first = standing.start(ARGS);
    await first.says("→ hands to code");
    first.child.kill("SIGINT");
    const { exitCode, stderr } = await first.finished;
    expect(exitCode).toBe(130);
    expect(stderr).toContain("start again with the same file to go on where it stopped");
    expect((await standing.run(ARGS)).exitCode).toBe(0);
  });

  it.each([
    ["ragged.csv", "a,b\n1,2\n3\n", "RaggedRowError: ragged.csv: row 2 (line 3) has 1 cell, the header has 2"],
    ["empty.json", "", "EmptyFileError: empty.json is empty"],
    [
      "latin.csv",
      Buffer.from("a,b\n\xe9,1\n", "latin1"),
      "NotUtf8Error: latin.csv is not UTF-8: byte 0xe9 at byte offset 4",
    ],
    ["data.zip", Buffer.from([0x50, 0x4b, 3, 4]), "UnknownFileTypeError: data.zip is a zip archive or a spreadsheet"],
  ])("refuses %s with a named error, before a task is made of it", async (name, content, words) => {
    await using standing = await stand();
    await standing.file(name, content);
    const { exitCode, stdout, stderr } = await standing.run([name]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(words);
    expect(stdout).toBe("");
    await expect(stat(join(standing.directory, "store"))).rejects.toThrow("ENOENT");
  });

  it("says what is wrong with a path and an id", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    expect((await standing.run(["nowhere.csv"])).stderr).toContain("nowhere.csv cannot be read: there is no such file");
    expect((await standing.run([...ARGS, "--task-id", "../up"])).stderr).toMatch(/^InvalidIdError: /);
  });

  it("says what is wrong with a store that is none", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    await standing.file("store", "a file stands where the store should be");
    const { exitCode, stderr } = await standing.run(ARGS);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^BackendUnusableError: /);
  });

  it("refuses another file under a task id that is taken", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    await standing.file("other.csv", "a,b\n1,2\n");
    expect((await standing.run([...ARGS, "--task-id", "mine"])).exitCode).toBe(0);
    const { exitCode, stderr } = await standing.run(["other.csv", "--task-id", "mine"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^IdempotencyConflictError: task mine was already started with another input/);
  });
});

describe.concurrent("npm start -- --crash", { timeout: 300_000 }, () => {
  it.each(["research", "code", "qa", "deploy"])(
    "%s: another worker goes on, with the same tarball in the end",
    async (agent) => {
      await using standing = await stand();
      await standing.file("orders.csv", CSV);
      const expected = await undisturbed();
      const result = await standing.run([...ARGS, "--crash", agent]);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(result.stdout).toMatch(
        new RegExp(`killed worker process \\d+ with SIGKILL in the middle of ${agent}, right after \\w+`),
      );
      expect(result.stdout).toMatch(
        new RegExp(`repeated {6}${agent} \\(handed over at hop \\d\\): attempts \\S+\\.1, \\S+\\.2`),
      );
      expect(result.stdout).toMatch(new RegExp(`hop {2}\\d {2}${agent} starts {2}attempt \\S+\\.2`));
      const others = ["research", "code", "qa", "deploy"].filter((name) => name !== agent);
      for (const name of others) expect(result.stdout).toMatch(new RegExp(`not repeated .*${name} \\(hop`));
      expect(await sha256(standing, result)).toBe(expected);
    },
  );
});

describe.concurrent("npm start -- --model", { timeout: 300_000 }, () => {
  it("lets a model behind a chat-completions server drive the same agents to the same package", async () => {
    await using server = await chatCompletionsServer();
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    const result = await standing.run([...ARGS, "--model", "openai:stub-1"], {
      OPENAI_API_KEY: API_KEY,
      OPENAI_BASE_URL: server.baseUrl,
    });
    expect(result.stderr).toBe("");
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain("model      openai:stub-1");
    expect(result.stdout).not.toContain("offline");
    expect(await sha256(standing, result)).toBe(await undisturbed());
    expect(new Set(server.requests.map(({ model }) => model))).toEqual(new Set(["stub-1"]));
    // What earlier agents did arrives as one message of text, and no foreign call with it.
    const coding = server.requests.find(({ tools }) => tools.some((tool) => tool.function.name === "write_package"));
    expect(coding?.messages.map(({ role }) => role)).toEqual(["system", "user", "user"]);
    expect(JSON.stringify(coding?.messages)).toContain("result of profile_columns");
    expect(coding?.tools.map((tool) => tool.function.name).sort()).toEqual([
      "amend_package",
      "transfer_to_qa",
      "write_package",
    ]);
  });

  it("fails the task with the provider's words when it refuses, and --retry goes on from there", async () => {
    await using server = await chatCompletionsServer();
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    const model = [...ARGS, "--model", "openai:stub-1"];
    const failed = await standing.run(model, { OPENAI_API_KEY: "another", OPENAI_BASE_URL: server.baseUrl });
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain("this key is not valid here");
    expect(failed.stdout).toContain("go on with the same command and --retry");
    const env = { OPENAI_API_KEY: API_KEY, OPENAI_BASE_URL: server.baseUrl };
    expect((await standing.run(model, env)).stdout).toContain("This task failed before: nothing is run again.");
    const retried = await standing.run([...model, "--retry"], env);
    expect(retried.exitCode, retried.stdout + retried.stderr).toBe(0);
    expect(retried.stdout).toContain("It is tried again from there");
  });

  it("says what to install, and how to name a model", async () => {
    await using standing = await stand();
    await standing.file("orders.csv", CSV);
    const missing = await standing.run([...ARGS, "--model", "anthropic:claude"]);
    expect(missing.stderr).toMatch(
      /needs the package @langchain\/anthropic, which is not installed; install it: npx pnpm@10 add/,
    );
    expect((await standing.run([...ARGS, "--model", "gpt"])).stderr).toContain("--model takes provider:name");
  });
});
