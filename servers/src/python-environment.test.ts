import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fetchServer } from "./index.js";
import { pythonEnvironment } from "./python-environment.js";
import { outputOf } from "./run-command.js";
import { describeWith } from "./testing/describe-with.js";
import { describeWithPython } from "./vitest/python.js";

await describeWith(["moto-s3"], "a Python environment", () => {
  it("has what its requirements pin", async () => {
    const found = await fetchServer("moto-s3");
    if ("missing" in found) throw new Error(found.missing);
    expect(await outputOf(join(found.folder, "bin/python"), ["-c", "import moto; print(moto.__version__)"])).toMatch(
      /^5/,
    );
  });

  it("that cannot be had says why", async () => {
    const requirements = join(import.meta.dirname, "no-such-requirements.txt");
    expect(await pythonEnvironment({ name: "none", requirements })).toEqual({
      missing: expect.stringContaining("no-such-requirements.txt could not be fetched"),
    });
  });
});

describe("describeWithPython", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("is an error in CI where Python cannot be had", async () => {
    vi.stubEnv("CI", "true");
    const requirements = join(import.meta.dirname, "no-such-requirements.txt");
    await expect(describeWithPython({ name: "none", requirements }, "never", () => {})).rejects.toThrow("CI needs");
  });
});
