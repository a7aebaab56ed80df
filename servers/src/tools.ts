import { outputOf } from "./run-command.js";

/** A program of the machine that a server needs. */
export interface Tool {
  readonly title: string;
  /** Debian's packages; elsewhere the names are much the same. */
  readonly packages: string;
  /** What it says of itself, or undefined where it is missing or too old. */
  readonly version: () => Promise<string | undefined>;
}

/** The tool when the first number that `pattern` finds in its output is at least `minimum`. */
const versionFrom =
  (command: string, commandArguments: readonly string[], pattern: RegExp, minimum: number) =>
  async (): Promise<string | undefined> => {
    const output = await outputOf(command, commandArguments);
    const found = pattern.exec(output ?? "")?.[1];
    return found !== undefined && Number(found) >= minimum ? output : undefined;
  };

export const PYTHON: Tool = {
  title: "Python 3.10 or later with venv",
  packages: "python3 python3-venv",
  version: versionFrom(
    "python3",
    ["-c", "import sys, venv, ensurepip; print('3.%d' % sys.version_info[1], sys.version)"],
    /^3\.(\d+)/u,
    10,
  ),
};
export const JAVA: Tool = {
  title: "Java 17 or later",
  // The JDK, which has javac too: a runtime alone would be half of what DynamoDB Local asks for.
  packages: "default-jdk-headless",
  version: versionFrom("java", ["-version"], /version "(\d+)/u, 17),
};
export const JAVA_COMPILER: Tool = {
  title: "javac 17 or later",
  packages: "default-jdk-headless",
  version: versionFrom("javac", ["-version"], /javac (\d+)/u, 17),
};
export const MAVEN: Tool = {
  title: "Maven",
  packages: "maven",
  version: versionFrom("mvn", ["-version"], /Apache Maven (\d+)/u, 3),
};

export const GO: Tool = {
  title: "Go 1.25 or later",
  packages: "golang-go",
  version: versionFrom("go", ["version"], /go1\.(\d+)/u, 25),
};

/** Those of `tools` that are not there. */
export const missingTools = async (tools: readonly Tool[]): Promise<readonly Tool[]> => {
  const versions = await Promise.all(tools.map((tool) => tool.version()));
  return tools.filter((_, index) => versions[index] === undefined);
};
