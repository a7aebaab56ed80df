import { AuditError, ContextTooLargeError, InvalidOptionsError, isBackendError, StoreError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { explained, guardCalls, isThrottled, parseOptions } from "./index.js";

const sdkError = (name: string, httpStatusCode = 400, message = "the service's own words"): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

const calls = guardCalls(StoreError);
const call = { operation: "get", subject: "a/key" };

describe("a guarded call", () => {
  it("resolves to what the work resolves to", async () => {
    await expect(calls(call, async () => 7)).resolves.toBe(7);
  });

  it("names the part, the operation, the subject and the service's own words", async () => {
    const failing = calls(call, () => Promise.reject(sdkError("InternalError", 500)));
    await expect(failing).rejects.toThrow("the store failed to get (a/key): the service's own words");
    await expect(failing).rejects.toMatchObject({ name: "StoreError", retryable: true });
  });

  it("does not begin where its signal is aborted, and rejects with the signal's reason", async () => {
    let begun = false;
    const work = async () => {
      begun = true;
    };
    await expect(calls({ ...call, signal: AbortSignal.abort("enough") }, work)).rejects.toBe("enough");
    expect(begun).toBe(false);
  });

  it("rejects with the signal's reason where the abort made the call fail", async () => {
    const controller = new AbortController();
    const failing = calls({ ...call, signal: controller.signal }, async () => {
      controller.abort("enough");
      throw sdkError("AbortError");
    });
    await expect(failing).rejects.toBe("enough");
  });

  it("lets errors of this library pass that no backend is to blame for", async () => {
    const tooLarge = new ContextTooLargeError({ what: "an event", limit: 1 });
    await expect(calls(call, () => Promise.reject(tooLarge))).rejects.toBe(tooLarge);
  });

  it("is not retryable where only a person can help, and costs the task no attempt", async () => {
    const failing = guardCalls(AuditError)(call, () => Promise.reject(sdkError("ResourceNotFoundException")));
    const error = await failing.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "AuditError", retryable: false, cause: { reason: "missing" } });
    expect(isBackendError(error)).toBe(true);
  });
});

describe("an SDK's error", () => {
  it.each([
    ["ExpiredToken", "credentials-expired"],
    ["ExpiredTokenException", "credentials-expired"],
    ["CredentialsProviderError", "credentials"],
    ["UnrecognizedClientException", "credentials"],
    ["RequestTimeTooSkewed", "clock"],
    ["KMS.DisabledException", "encryption-key"],
    ["AccessDenied", "permission"],
    ["AccessDeniedException", "permission"],
    ["NoSuchBucket", "missing"],
    ["QueueDoesNotExist", "missing"],
    ["ResourceNotFoundException", "missing"],
  ])("%s is explained as %s, with what to do and the service's own words", (name, reason) => {
    const error = explained(sdkError(name));
    expect(error).toMatchObject({ code: "BACKEND_UNUSABLE", reason });
    expect((error as Error).message).toContain("; ");
    expect((error as Error).message).toContain(`(${name}: the service's own words)`);
  });

  it("without a name but with a 403 is a refusal", () => {
    expect(explained(sdkError("Unknown", 403))).toMatchObject({ reason: "permission" });
    const otherwise = sdkError("ConditionalRequestConflict", 403);
    expect(explained(otherwise)).toBe(otherwise);
  });

  it("is found by its code where the network or an older protocol gives no name", () => {
    const error = Object.assign(new Error("no"), { Code: "AccessDenied" });
    expect(explained(error)).toMatchObject({ reason: "permission" });
  });

  it.each(["SlowDown", "RequestThrottled", "ProvisionedThroughputExceededException", "ThrottlingException"])(
    "%s asks for patience, and is left as it is",
    (name) => {
      const error = sdkError(name, 503);
      expect(isThrottled(error)).toBe(true);
      expect(explained(error)).toBe(error);
    },
  );

  it.each([undefined, null, "text", 7])("may be %s, and is left as it is", (thrown) => {
    expect(explained(thrown)).toBe(thrown);
  });
});

describe("options", () => {
  const schema = z.strictObject({ bucket: z.string("must be a bucket's name") });

  it("are returned parsed", () => {
    expect(parseOptions("s3Store", schema, { bucket: "b" })).toEqual({ bucket: "b" });
  });

  it("that do not fit are refused, each named with what it must be", () => {
    expect(() => parseOptions("s3Store", schema, { bucket: 7 })).toThrow(InvalidOptionsError);
    expect(() => parseOptions("s3Store", schema, { bucket: 7 })).toThrow(
      "s3Store() cannot use these options: bucket must be a bucket's name",
    );
  });
});
