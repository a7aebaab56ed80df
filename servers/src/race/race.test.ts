import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Servers, startServers } from "../start-servers.js";
import { race } from "./race.js";

const ROUNDS = 1_000;

describe("moto-s3, one request at a time", () => {
  let servers: Servers<"moto-s3">;
  beforeAll(async () => {
    servers = await startServers(["moto-s3"]);
  });
  afterAll(() => servers.stop());

  it(`lets one of two writers win each of ${ROUNDS} keys`, async () => {
    const tally = await race(servers.servers["moto-s3"].endpoint, ROUNDS);
    expect(tally).toEqual({
      rounds: ROUNDS,
      oneWon: ROUNDS,
      bothWon: 0,
      noneWon: 0,
      wrongBody: 0,
      outcomes: { ok: ROUNDS, "412 PreconditionFailed": ROUNDS },
    });
  });
});
