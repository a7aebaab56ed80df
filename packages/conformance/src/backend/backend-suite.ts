import type { Backend } from "@agenthandoff/core";
import { auditLogPromises } from "../audit/audit-log-suite.js";
import type { CreateFixture } from "../check.js";
import { type ContractPromise, onPart } from "../contract-promise.js";
import { contextStorePromises } from "../store/context-store-suite.js";
import { suite } from "../suite.js";
import type { SuiteOptions } from "../suite-options.js";
import { transportPromises } from "../transport/transport-suite.js";
import type { Fixture } from "../trial.js";
import { relayPromises } from "./relay.js";
import { togetherPromises } from "./together.js";

/** What only the three parts together can show. */
const wholePromises: readonly ContractPromise<Backend>[] = [...togetherPromises, ...relayPromises];

/** Every promise of `Backend`, and of the three parts it has. */
export const backendPromises: readonly ContractPromise<Backend>[] = [
  ...contextStorePromises.map((promise) => onPart(promise, ({ store }: Backend) => store)),
  ...transportPromises.map((promise) => onPart(promise, ({ transport }: Backend) => transport)),
  ...auditLogPromises.map((promise) => onPart(promise, ({ audit }: Backend) => audit)),
  ...wholePromises,
];

export interface BackendSuiteOptions extends SuiteOptions {
  /** `false` where each part's own suite runs elsewhere: then only what the parts show together is tested here. Default: true. */
  readonly parts?: boolean;
}

/** A fixture whose broken handle, unless it has one of its own, is one that was closed. */
export function withBrokenHandle(fixture: Fixture<Backend>): Fixture<Backend> {
  return {
    ...fixture,
    async openBroken() {
      if (fixture.openBroken !== undefined) return await fixture.openBroken();
      const handle = await fixture.open();
      await handle.close();
      return handle;
    },
  };
}

/**
 * Tests a backend: one test for each promise of `ContextStore`, `Transport`, `AuditLog` and `Backend`, and of all of
 * them together. `createFixture` is called for each test.
 */
export function backendSuite(
  name: string,
  createFixture: CreateFixture<Backend>,
  { parts = true, ...options }: BackendSuiteOptions = {},
): void {
  const promises = parts ? backendPromises : wholePromises;
  suite(name, promises, async () => withBrokenHandle(await createFixture()), options);
}
