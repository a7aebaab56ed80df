import type { AwsSettings } from "./aws-backend.js";
import type { Life } from "./doomed-relay.js";

/** What a function is told. */
export interface FunctionSettings extends Life {
  readonly backend: AwsSettings;
}

const VARIABLE = "CRASH_SETTINGS";

export function toEnvironment(settings: FunctionSettings): Readonly<Record<string, string>> {
  return { [VARIABLE]: JSON.stringify(settings) };
}

export function fromEnvironment(): FunctionSettings {
  return JSON.parse(process.env[VARIABLE] ?? "{}") as FunctionSettings;
}
