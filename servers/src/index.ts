export { CACHE_VARIABLE, cacheFolder } from "./cache.js";
export { credentials, region } from "./credentials.js";
export { type PythonEnvironmentOptions, pythonEnvironment } from "./python-environment.js";
export { type RecordedCall, recordCalls, type SdkClient } from "./record-calls.js";
export {
  CHOICE_VARIABLE,
  type Choice,
  choiceFrom,
  SERVER_NAMES,
  SERVICES,
  type ServerName,
  type Service,
} from "./services.js";
export {
  fetchServer,
  type MissingServer,
  type RunningServer,
  type Servers,
  type StartOptions,
  startServer,
  startServers,
} from "./start-servers.js";
