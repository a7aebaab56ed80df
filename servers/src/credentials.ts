/** Every server takes these; none of them checks a signature. */
export const credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = {
  accessKeyId: "test",
  secretAccessKey: "test",
};
export const region = "us-east-1";

/** A key that no account has. */
export const UNKNOWN: typeof credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "unknown" };
