import { afterAll, beforeAll, expect, it } from "vitest";
import { SERVER_NAMES, type ServerName } from "../services.js";
import { type Servers, startServers } from "../start-servers.js";
import { describeWith } from "../testing/describe-with.js";
import { factsOf, titleOf } from "./all.js";

for (const name of SERVER_NAMES) {
  await describeWith([name], name, () => {
    let servers: Servers<ServerName>;
    beforeAll(async () => {
      servers = await startServers<ServerName>([name]);
    });
    afterAll(() => servers.stop());

    for (const fact of factsOf(name)) {
      it(titleOf(fact), async () => {
        expect(await fact.observe(servers.servers[name].endpoint)).toBe(fact.here);
      });
    }
  });
}
