import { delimiter, join } from "node:path";
import { fingerprint } from "../fingerprint.js";
import { runCommand } from "../run-command.js";
import { JAVA, JAVA_COMPILER, MAVEN } from "../tools.js";
import { PROBES, packageFile, type ServerDefinition } from "./definition.js";
import { copyJars, JVM_ARGUMENTS } from "./java.js";

const PROJECT = packageFile("java/dynamodb-local/pom.xml");
const LAUNCHER = packageFile("java/dynamodb-local/Launcher.java");

export const dynamoDbLocal: ServerDefinition = {
  service: "dynamodb",
  title: "DynamoDB Local",
  runsOn: [JAVA],
  fetchedBy: [MAVEN, JAVA_COMPILER],
  slowToFetch: false,
  lock: "maven",
  key: async () => `dynamodb-local-${await fingerprint([PROJECT, LAUNCHER])}`,
  fetch: async (folder, log) => {
    await copyJars("dynamodb-local", folder, log);
    const classpath = join(folder, "jars/*");
    // The oldest Java that runs it reads classes for it, whichever compiler made them.
    await runCommand("javac", ["--release", "17", "-cp", classpath, "-d", join(folder, "launcher"), LAUNCHER], { log });
  },
  command: (folder, port) => ({
    command: "java",
    arguments: [
      ...JVM_ARGUMENTS,
      "-cp",
      [join(folder, "launcher"), join(folder, "jars/*")].join(delimiter),
      "Launcher",
      "-inMemory",
      "-sharedDb",
      "-disableTelemetry",
      "-port",
      String(port),
    ],
    probe: PROBES.dynamodb,
  }),
};
