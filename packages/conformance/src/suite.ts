import { afterAll, describe, it } from "vitest";
import { type CreateFixture, checkPromise, reasonOf } from "./check.js";
import type { ContractPromise } from "./contract-promise.js";
import type { SuiteOptions } from "./suite-options.js";

/** Only a hang fails a test by its time: a real server under load may be slow. */
const TIMEOUT_MS = 120_000;

/** Binds promises to vitest: one test each. Call it at the top of a test file, or inside a `describe`. */
export function suite<Port>(
  name: string,
  promises: readonly ContractPromise<Port>[],
  createFixture: CreateFixture<Port>,
  options: SuiteOptions = {},
): void {
  describe(name, () => {
    const declared: string[] = [];
    for (const promise of promises) {
      const reason = reasonOf(promise, options);
      if (reason === undefined) {
        it(promise.title, { timeout: TIMEOUT_MS }, () => checkPromise(promise, createFixture, options));
      } else {
        declared.push(`  ${promise.id} (${promise.title}): ${reason}`);
        it(promise.title, (test) => test.skip(`declared unsupported: ${reason}`));
      }
    }
    afterAll(() => {
      if (declared.length === 0) return;
      console.warn([`${name} declares ${declared.length} unsupported:`, ...declared].join("\n"));
    });
  });
}
