import type { AuditLog } from "@agenthandoff/core";
import type { CreateFixture } from "../check.js";
import type { ContractPromise } from "../contract-promise.js";
import { suite } from "../suite.js";
import type { SuiteOptions } from "../suite-options.js";
import { appendingPromises } from "./appending.js";
import { erasingPromises } from "./erasing.js";
import { intentPromises } from "./intents.js";
import { listingPromises } from "./listings.js";
import { rowPromises } from "./rows.js";

/** Every promise of `AuditLog`. */
export const auditLogPromises: readonly ContractPromise<AuditLog>[] = [
  ...appendingPromises,
  ...rowPromises,
  ...listingPromises,
  ...intentPromises,
  ...erasingPromises,
];

/** Tests an audit log: one test for each promise of `AuditLog`. `createFixture` is called for each test. */
export function auditLogSuite(name: string, createFixture: CreateFixture<AuditLog>, options: SuiteOptions = {}): void {
  suite(name, auditLogPromises, createFixture, options);
}
