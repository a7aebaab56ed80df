import { inject } from "vitest";

/** What a second server does otherwise than Amazon S3, and so cannot be asked of the store: see docs/aws-servers.md. */
const DEVIATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  seaweedfs: {
    "list-order": "lists folder by folder: a/b before a.b",
    "list-after": "takes a folder for one of its keys: nothing below it sorts after it",
    "suspended-marker": "does not remove the delete marker of a bucket whose versioning is suspended",
  },
};

/** Why the server at hand cannot show something; `undefined` where it can. */
export function deviation(what: string): string | undefined {
  const { name } = inject("awsServers").s3;
  const reason = DEVIATIONS[name]?.[what];
  return reason === undefined ? undefined : `${name} ${reason}`;
}
