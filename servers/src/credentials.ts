/** Every server takes these; none of them checks a signature. */
export const credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = {
  accessKeyId: "test",
  secretAccessKey: "test",
};
export const region = "us-east-1";
