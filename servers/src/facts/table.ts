import type { ServerName } from "../services.js";
import { factsOf } from "./all.js";

/** The rows of docs/aws-servers.md for one server: what it does that AWS does not. */
export const deviationTable = (server: ServerName): string => {
  const rows = factsOf(server)
    .filter((fact) => fact.here !== fact.aws)
    .map((fact) => `| ${fact.promise} | ${fact.aws} | ${fact.here} |`);
  return ["| AWS says that | documented | seen here |", "|---|---|---|", ...rows].join("\n");
};

/** How many of a server's facts are as on AWS, of how many. */
export const conformity = (server: ServerName): string => {
  const facts = factsOf(server);
  return `${facts.filter((fact) => fact.here === fact.aws).length} of ${facts.length}`;
};
