import { afterAll, beforeAll, expect, it } from "vitest";
import { type Servers, startServers } from "../start-servers.js";
import { describeWith } from "../testing/describe-with.js";
import { race } from "./race.js";

const ROUNDS = 1_000;

for (const name of ["moto-s3", "seaweedfs"] as const) {
  await describeWith([name], name, () => {
    let servers: Servers<"moto-s3" | "seaweedfs">;
    beforeAll(async () => {
      servers = await startServers<"moto-s3" | "seaweedfs">([name]);
    });
    afterAll(() => servers.stop());

    it(`lets one of two writers win each of ${ROUNDS} keys`, async () => {
      expect(await race(servers.servers[name].endpoint, ROUNDS)).toEqual({
        rounds: ROUNDS,
        oneWon: ROUNDS,
        bothWon: 0,
        noneWon: 0,
        wrongBody: 0,
        outcomes: { ok: ROUNDS, "412 PreconditionFailed": ROUNDS },
      });
    });
  });
}
