import { parseResources, RESOURCES_VARIABLE, type RelayResources } from "../aws/resources.js";

/** Where the relay of this function lives, by its environment. @throws InvalidOptionsError */
export const relayOfFunction = (): RelayResources =>
  parseResources(process.env[RESOURCES_VARIABLE] ?? "", `the environment variable ${RESOURCES_VARIABLE}`);
