import { join } from "node:path";
import { fingerprint } from "../fingerprint.js";
import { JAVA, MAVEN } from "../tools.js";
import { PROBES, packageFile, type ServerDefinition } from "./definition.js";
import { copyJars, JVM_ARGUMENTS } from "./java.js";

export const elasticMq: ServerDefinition = {
  service: "sqs",
  title: "ElasticMQ",
  runsOn: [JAVA],
  fetchedBy: [MAVEN],
  slowToFetch: false,
  lock: "maven",
  key: async () => `elasticmq-${await fingerprint([packageFile("java/elasticmq/pom.xml")])}`,
  fetch: (folder, log) => copyJars("elasticmq", folder, log),
  command: (folder, port) => ({
    command: "java",
    arguments: [
      ...JVM_ARGUMENTS,
      "-Drest-sqs.bind-hostname=127.0.0.1",
      `-Drest-sqs.bind-port=${port}`,
      "-Drest-stats.enabled=false",
      "-Dnode-address.host=127.0.0.1",
      `-Dnode-address.port=${port}`,
      "-cp",
      join(folder, "jars/*"),
      "org.elasticmq.server.Main",
    ],
    probe: PROBES.sqs,
  }),
};
