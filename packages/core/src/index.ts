export * from "./errors/index.js";
export * from "./ports/index.js";
