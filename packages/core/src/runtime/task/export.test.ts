import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { finishes, passesTo } from "../testing/scripted-agent.js";
import { fileNameOf } from "./export.js";

const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

describe("exporting a task", () => {
  it("writes its objects in the layout of their keys, readable with gunzip alone", async () => {
    const directory = await mkdtemp(join(tmpdir(), "agenthandoff-export-"));
    directories.push(directory);
    const bed = createBed({ agents: [passesTo("research", "code"), finishes("code")] });
    const task = await bed.relay.start({ to: "research", taskId: "t", input: new Uint8Array(70_000) });
    await bed.deliver("research");
    const report = await task.export(directory);
    expect(report).toMatchObject({ directory, files: 3 });
    expect((await readdir(join(directory, "relay/slots/t"))).toSorted()).toEqual([
      "0000000000.ndjson.gz",
      "0000000001.ndjson.gz",
    ]);
    const text = execFileSync("gunzip", ["-c", join(directory, "relay/slots/t/0000000001.ndjson.gz")], {
      encoding: "utf8",
    });
    expect(text).toContain("what research learned");
    expect((await task.export(directory)).files).toBe(3);
  });

  it("of a task that is not there is a TaskNotFoundError", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await expect(bed.relay.task("ghost").export(tmpdir())).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("writes nothing outside its directory and loses nothing in it, whatever keys the store lists", async () => {
    const parent = await mkdtemp(join(tmpdir(), "agenthandoff-export-"));
    directories.push(parent);
    const bed = createBed({ agents: [finishes("qa")] });
    const own = await Promise.all(
      ["A", "a"].map(async (taskId) => await bed.relay.start({ to: "qa", taskId, input: taskId })),
    );
    const hostile = ["../../../../../escaped", "...", "./x", "/etc/x", "X", "x", "con", "y//z", "x\\..\\y"];
    for (const name of hostile)
      await bed.backend.store.putIfAbsent(`relay/runs/a/1/${name}`, Buffer.from(`content of ${name}`));
    for (const task of own) await task.export(join(parent, "inside"));
    expect(await readdir(parent)).toEqual(["inside"]);
    const written = await readdir(parent, { recursive: true, withFileTypes: true });
    const files = written.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(own.length + hostile.length);
    const contents = await Promise.all(files.map(async (file) => await readFile(file, "utf8")));
    for (const name of hostile) expect(contents).toContain(`content of ${name}`);
  });

  it("keeps tasks apart whose ids differ in case only", () => {
    expect(fileNameOf("relay/slots/A/0.gz")).toBe("relay/slots/%41/0.gz");
    expect(fileNameOf("relay/slots/a/0.gz")).toBe("relay/slots/a/0.gz");
    expect(fileNameOf("x/../y")).toBe("x/%2e%2e/y");
  });

  it.each([
    ["relay/runs/t/1/../../../x", "relay/runs/t/1/%2e%2e/%2e%2e/%2e%2e/x"],
    ["a//b/", "a/%/b/%"],
    ["/etc", "%/etc"],
    ["name.", "name%2e"],
    ["con/nul.1.0/aux/com1.gz/console", "%63on/%6eul.1.0/%61ux/%63om1.gz/console"],
    ["%41", "%2541"],
    ["a\\..:b", "a%5c..%3ab"],
  ])("writes the key %s where every file system keeps it, and inside its directory", (key, path) => {
    expect(fileNameOf(key)).toBe(path);
  });

  it("gives two keys two files, also where case makes no difference", () => {
    const part = fc.stringMatching(/^[!-.0-~]{0,5}$/);
    const key = fc.array(fc.oneof(part, fc.constantFrom("", ".", "..", "con", "%", "A", "a")), { minLength: 1 });
    fc.assert(
      fc.property(key, key, (one, other) => {
        const names = [one, other].map((parts) => fileNameOf(parts.join("/")).toLowerCase());
        expect(names[0] === names[1]).toBe(one.join("/") === other.join("/"));
        for (const name of names) expect(posix.join("/x", name)).toBe(`/x/${name}`);
      }),
      { numRuns: 2_000 },
    );
  });
});
