import type { ContractPromise } from "./contract-promise.js";
import type { SuiteOptions } from "./suite-options.js";
import { type Fixture, startTrial } from "./trial.js";

export type CreateFixture<Port> = () => Fixture<Port> | Promise<Fixture<Port>>;

/** What became of one promise. */
export type Finding =
  | { readonly id: string; readonly title: string; readonly status: "kept" }
  | { readonly id: string; readonly title: string; readonly status: "broken"; readonly error: unknown }
  | { readonly id: string; readonly title: string; readonly status: "unsupported"; readonly reason: string };

/** Checks one promise on a fixture of its own. Rejects when it is broken. */
export async function checkPromise<Port>(
  promise: ContractPromise<Port>,
  createFixture: CreateFixture<Port>,
  options: SuiteOptions = {},
): Promise<void> {
  const fixture = await createFixture();
  try {
    await promise.run(await startTrial(fixture, options));
  } finally {
    await fixture.dispose?.();
  }
}

/** Why a promise is declared unsupported, or `undefined` where it is not. Throws on a declaration that cannot stand. */
export function reasonOf(promise: ContractPromise<never>, options: SuiteOptions): string | undefined {
  const reasons: { readonly [id: string]: string | undefined } = options.unsupported ?? {};
  const reason = Object.hasOwn(reasons, promise.id) ? reasons[promise.id] : undefined;
  if (reason === undefined) return undefined;
  if (promise.optional !== true)
    throw new Error(`"${promise.id}" is not optional: every driver keeps it ("${promise.title}")`);
  if (reason.trim() === "") throw new Error(`"${promise.id}" is declared unsupported without a reason`);
  return reason;
}

/** Checks every promise, one after the other, and tells what became of each. For a test that wants to see a driver fail. */
export async function check<Port>(
  promises: readonly ContractPromise<Port>[],
  createFixture: CreateFixture<Port>,
  options: SuiteOptions = {},
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const promise of promises) {
    const { id, title } = promise;
    const reason = reasonOf(promise, options);
    if (reason !== undefined) {
      findings.push({ id, title, status: "unsupported", reason });
      continue;
    }
    try {
      await checkPromise(promise, createFixture, options);
      findings.push({ id, title, status: "kept" });
    } catch (error) {
      findings.push({ id, title, status: "broken", error });
    }
  }
  return findings;
}
