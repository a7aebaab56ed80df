import type { Transport } from "@agenthandoff/core";
import type { CreateFixture } from "../check.js";
import type { ContractPromise } from "../contract-promise.js";
import { suite } from "../suite.js";
import type { SuiteOptions } from "../suite-options.js";
import { deadLetterPromises } from "./dead-letters.js";
import { groupPromises } from "./groups.js";
import { lawPromises } from "./law.js";
import { leasePromises } from "./leases.js";
import { receivingPromises } from "./receiving.js";
import { sendingPromises } from "./sending.js";

/** Every promise of `Transport`. */
export const transportPromises: readonly ContractPromise<Transport>[] = [
  ...sendingPromises,
  ...receivingPromises,
  ...groupPromises,
  ...leasePromises,
  ...deadLetterPromises,
  ...lawPromises,
];

/** Tests a transport: one test for each promise of `Transport`. `createFixture` is called for each test. */
export function transportSuite(
  name: string,
  createFixture: CreateFixture<Transport>,
  options: SuiteOptions = {},
): void {
  suite(name, transportPromises, createFixture, options);
}
