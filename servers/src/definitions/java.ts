import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../run-command.js";
import { packageFile } from "./definition.js";

// The client compiler alone: what these servers do is over before the other one has paid for itself.
export const JVM_ARGUMENTS: readonly string[] = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"];

const COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/** The jars that `java/<name>/pom.xml` names, with theirs, in `folder`/jars. */
export const copyJars = async (name: string, folder: string, log: string): Promise<void> => {
  const project = join(folder, "pom.xml");
  await copyFile(packageFile("java", name, "pom.xml"), project);
  const output = `-DoutputDirectory=${join(folder, "jars")}`;
  await runCommand("mvn", ["-B", "-q", "-f", project, COPY_DEPENDENCIES, output], { log });
};
