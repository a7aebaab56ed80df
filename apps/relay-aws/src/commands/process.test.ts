import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { InvalidOptionsError } from "@agenthandoff/core";
import { expect, it } from "vitest";
import { anotherProcess } from "./another-process.js";
import { errorText } from "./process.js";

it("tells of an expected error its name and what to do, and of a fault its place", () => {
  expect(errorText(new InvalidOptionsError("do this"))).toBe("InvalidOptionsError: do this");
  expect(errorText(new TypeError("a fault"))).toMatch(/^TypeError: a fault\n +at /);
  expect(errorText(new AggregateError([], "Java is missing"))).toBe("Java is missing");
});

it("ends with 1 and without a stack where resources are in no file", async () => {
  const { exitCode, output } = await anotherProcess(["--resources", "/nowhere.json", "status", "a"]).finished;
  expect(exitCode).toBe(1);
  expect(output).toMatch(/^InvalidOptionsError: \/nowhere.json cannot be read .*\n$/);
});

it("does its work to the end when whoever read its output is gone", async () => {
  const script = `
    import { runProcess } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, "process.ts")).href)};
    const write = () => new Promise((resolve) => process.stdout.write("a line\\n", resolve));
    await runProcess(async () => {
      const error = await write();
      process.stderr.write(error.code + ", and done");
    });`;
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const child = spawn(
    process.execPath,
    ["--import", tsx, "--conditions=@agenthandoff/source", "--input-type=module", "--eval", script],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const closed = once(child, "close");
  child.stdout.destroy();
  expect(await text(child.stderr)).toBe("EPIPE, and done");
  expect(await closed).toEqual([0, null]);
});
