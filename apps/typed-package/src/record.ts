// What the relay's agents leave for others, for those who read it without loading the agents.
export { packageIn } from "./agents/package-desk.js";
export { VERDICT, type Verdict, verdict } from "./check/verdict.js";
