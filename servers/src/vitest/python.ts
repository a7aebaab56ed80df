import { describe } from "vitest";
import { type PythonEnvironmentOptions, pythonEnvironment } from "../python-environment.js";

/**
 * `describe` for suites that run Python, with the packages that a file pins. Where it cannot be had the suite is listed as
 * skipped, with the reason in its title; with `CI=true` that is an error.
 */
export const describeWithPython = async (
  options: PythonEnvironmentOptions,
  title: string,
  suite: (python: string) => void,
): Promise<void> => {
  const found = await pythonEnvironment({ say: console.log, ...options });
  if ("python" in found) {
    describe(title, () => suite(found.python));
    return;
  }
  if (process.env.CI === "true") throw new Error(`CI needs Python: ${found.missing}`);
  // Without Python the rest still passes on a developer's machine; the title says what is missing, and CI has failed above.
  describe.skip(`${title} (skipped: ${found.missing})`, () => suite("python3"));
};
