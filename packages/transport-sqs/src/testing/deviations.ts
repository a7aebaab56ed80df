import { inject } from "vitest";

/** Promises that a second server keeps nobody from breaking, so that it cannot show them: see docs/aws-servers.md. */
const DEVIATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "moto-sqs": {
    "deduplication-outlives-acknowledgement": "forgets a deduplication id when its message is deleted",
    "received-too-often": "does not mark what it buries itself, so that such a dead letter bears no reason",
    "queue-law": "forgets a deduplication id when its message is deleted",
    "groups-concurrent": "may hand two messages of one group to two receives at once",
  },
};

/** Why the server at hand cannot show a promise; `undefined` where it can. */
export function deviation(promise: string): string | undefined {
  const { name } = inject("awsServers").sqs;
  const reason = DEVIATIONS[name]?.[promise];
  return reason === undefined ? undefined : `${name} ${reason}`;
}
