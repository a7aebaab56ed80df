import { existsSync } from "node:fs";
import { InvalidOptionsError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { local } from "./local.js";
import type { LocalOptions } from "./options.js";
import { testDirectory } from "./testing/directory.js";

describe("options that cannot work are refused, by name, before anything is created", () => {
  it.each([
    ["no directory", { directory: undefined }, "directory must be a path"],
    ["an empty directory", { directory: "" }, "directory must be a path, not an empty text"],
    ["a directory that is no text", { directory: 7 }, "directory must be a path"],
    ["no visibility", { visibilityMs: 0 }, "visibilityMs must be at least 1"],
    ["a visibility of a day", { visibilityMs: 86_400_000 }, "visibilityMs must be at most 12 hours"],
    ["a broken millisecond", { visibilityMs: 1.5 }, "visibilityMs must be a whole number of milliseconds"],
    ["no receipts", { maxReceiveCount: 0 }, "maxReceiveCount must be at least 1"],
    ["a negative wait", { busyTimeoutMs: -1 }, "busyTimeoutMs must not be negative"],
    ["a text for yes", { allowNetworkFileSystem: "yes" }, "allowNetworkFileSystem must be true or false"],
    ["a clock that is none", { clock: {} }, "clock must have the methods now and sleep"],
    ["a random that is none", { random: () => 4 }, "random must have the methods number and id"],
    ["an option misspelt", { visibilityMS: 5 }, "visibilityMS"],
  ])("%s", async (_, wrong, message) => {
    await using directory = testDirectory();
    const call = () => local({ directory: directory.path, ...wrong } as LocalOptions);
    expect(call).toThrow(InvalidOptionsError);
    expect(call).toThrow(message);
    expect(existsSync(directory.path)).toBe(false);
  });

  it("nothing at all", () => {
    expect(() => local(undefined as unknown as LocalOptions)).toThrow(InvalidOptionsError);
  });
});
