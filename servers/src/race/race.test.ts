import { afterAll, beforeAll, expect, it } from "vitest";
import { type Servers, startServers } from "../start-servers.js";
import { describeWith } from "../testing/describe-with.js";
import { race } from "./race.js";

const ROUNDS = 1_000;
const FEWER_ROUNDS = 100;
const ONE_WINNER_EACH = { bothWon: 0, noneWon: 0, wrongBody: 0 };
/** A thousand rounds on a machine that is busy with much else: only a hang takes longer. */
const HANGS_AFTER_MS = 900_000;

for (const name of ["moto-s3", "seaweedfs"] as const) {
  await describeWith([name], name, () => {
    let servers: Servers<"moto-s3" | "seaweedfs">;
    beforeAll(async () => {
      servers = await startServers<"moto-s3" | "seaweedfs">([name]);
    });
    afterAll(() => servers.stop());

    it(
      `lets one of two writers win each of ${ROUNDS} keys`,
      async () => {
        const tally = await race(servers.servers[name].endpoint, ROUNDS);
        expect(tally).toEqual({ ...ONE_WINNER_EACH, rounds: ROUNDS, oneWon: ROUNDS, outcomes: tally.outcomes });
        expect(tally.outcomes).toEqual({ ok: ROUNDS, "412 PreconditionFailed": ROUNDS });
      },
      HANGS_AFTER_MS,
    );

    // SeaweedFS locks puts and not completions: now and then both succeed, so how often is no promise.
    const deviates = name === "seaweedfs";
    for (const ways of [
      ["put", "parts"],
      ["parts", "parts"],
    ] as const) {
      const title = `${deviates ? "deviates: may let both" : "lets one"} of two writers win each of ${FEWER_ROUNDS} keys`;
      it(
        `${title} (${ways.join(" against ")})`,
        async () => {
          const { oneWon, bothWon, noneWon } = await race(servers.servers[name].endpoint, FEWER_ROUNDS, ways);
          expect({ won: oneWon + (deviates ? bothWon : 0), noneWon }).toEqual({ won: FEWER_ROUNDS, noneWon: 0 });
        },
        HANGS_AFTER_MS,
      );
    }
  });
}
