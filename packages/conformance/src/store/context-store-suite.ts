import type { ContextStore } from "@agenthandoff/core";
import type { CreateFixture } from "../check.js";
import type { ContractPromise } from "../contract-promise.js";
import { suite } from "../suite.js";
import type { SuiteOptions } from "../suite-options.js";
import { listPromises } from "./lists.js";
import { readPromises } from "./reads.js";
import { writePromises } from "./writes.js";

/** Every promise of `ContextStore`. */
export const contextStorePromises: readonly ContractPromise<ContextStore>[] = [
  ...writePromises,
  ...readPromises,
  ...listPromises,
];

/** Tests a context store: one test for each promise of `ContextStore`. `createFixture` is called for each test. */
export function contextStoreSuite(
  name: string,
  createFixture: CreateFixture<ContextStore>,
  options: SuiteOptions = {},
): void {
  suite(name, contextStorePromises, createFixture, options);
}
