import { check, contextStorePromises, contextStoreSuite } from "@agenthandoff/conformance";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it } from "vitest";
import { testBucket } from "./testing/bucket.js";
import { deviation } from "./testing/deviations.js";

/** The server answers one request at a time: fewer random cases take long enough. */
const options = { runs: 10 };

/** Where old versions and delete markers could make a difference. */
const ABOUT_VERSIONS: readonly string[] = [
  "put-creates",
  "put-keeps",
  "overwrite-replaces",
  "delete-removes",
  "delete-missing",
  "get-missing",
  "get-after-write",
  "keys-flat",
  "list-consistent",
];

describeWithServers(["s3"], "on a server", ({ s3 }) => {
  const fixture = async (versioning?: "Enabled") => {
    const place = await testBucket(s3, versioning === undefined ? {} : { versioning });
    return {
      open: () => place.open(),
      openBroken: () => place.open({ bucket: `${place.bucket}-missing` }),
      dispose: async () => await place[Symbol.asyncDispose](),
    };
  };

  const deviating = contextStorePromises.filter(({ id }) => deviation(id) !== undefined);
  if (deviating.length === 0) contextStoreSuite("s3Store", () => fixture(), options);
  else {
    // The suite itself lets no driver off these promises, and this one keeps them: the server does not.
    for (const promise of contextStorePromises.filter((each) => !deviating.includes(each))) {
      it(promise.title, async () => {
        expect(await check([promise], () => fixture(), options)).toMatchObject([{ status: "kept" }]);
      });
    }
    for (const { id, title } of deviating) it.skip(`${title} (${deviation(id)})`);
  }

  it("a versioned bucket changes no promise that it could", async () => {
    const promises = contextStorePromises.filter(({ id }) => ABOUT_VERSIONS.includes(id));
    const findings = await check(promises, () => fixture("Enabled"), options);
    expect(findings.map(({ id, status }) => [id, status])).toEqual(promises.map(({ id }) => [id, "kept"]));
    expect(findings).toHaveLength(ABOUT_VERSIONS.length);
  });
});
