import { memoryStore, memoryTransport } from "@agenthandoff/core/memory";
import { expect, it } from "vitest";
import { reasonOf } from "./check.js";
import { check, contextStorePromises, type SuiteOptions, transportPromises } from "./index.js";
import { storeFaults } from "./testing/store-faults.js";

const failure = contextStorePromises.filter(({ id }) => id === "store-failure");

it("breaks a promise that cannot be checked and is not declared unsupported, and says what to do", async () => {
  const [finding] = await check(failure, () => ({ open: () => memoryStore() }));
  expect(finding).toMatchObject({ id: "store-failure", status: "broken" });
  expect(String(finding?.status === "broken" && finding.error)).toContain("declare in `unsupported` why");
  const optional = transportPromises.filter(({ id }) => ["deduplication-ends", "received-too-often"].includes(id));
  for (const found of await check(optional, () => ({ open: () => memoryTransport() }))) {
    expect(found.status).toBe("broken");
    expect(String(found.status === "broken" && found.error)).toContain("declare in `unsupported` why");
  }
});

it("reports a declared promise with its reason and does not run it", async () => {
  const unsupported = { "store-failure": "it lives in this process and cannot fail" };
  const [finding] = await check(failure, () => Promise.reject(new Error("never called")), { unsupported });
  expect(finding).toMatchObject({ status: "unsupported", reason: unsupported["store-failure"] });
});

it("refuses to leave out what is not optional, a declaration without a reason, and an unknown name", () => {
  const promise = contextStorePromises.find(({ id }) => id === "put-creates");
  if (promise === undefined || failure[0] === undefined) throw new Error("the promises are gone");
  const declared = (unsupported: object): SuiteOptions => ({ unsupported });
  expect(() => reasonOf(promise, declared({ "put-creates": "too hard" }))).toThrow("is not optional");
  expect(() => reasonOf(failure[0] as never, declared({ "store-failure": " " }))).toThrow("without a reason");
  // @ts-expect-error: there is no such optional promise
  expect(reasonOf(promise, { unsupported: { "put-creats": "a typing error does not compile" } })).toBeUndefined();
});

it("gives each promise a fixture of its own and disposes of it, whatever comes of the promise", async () => {
  let opened = 0;
  let disposed = 0;
  const broken = storeFaults.find(({ breaks }) => breaks.includes("put-keeps"));
  const findings = await check(contextStorePromises, () => {
    opened++;
    const store = memoryStore();
    return {
      open: () => ({ ...store, ...broken?.plant({} as never, {} as never)(store) }),
      dispose: async () => {
        disposed++;
      },
    };
  });
  expect([opened, disposed]).toEqual([contextStorePromises.length, contextStorePromises.length]);
  expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(["kept", "broken"]));
});
