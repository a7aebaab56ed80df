import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SERVER_NAMES } from "../services.js";
import { factsOf } from "./all.js";
import { DEVIATIONS } from "./deviations.js";
import { conformity, deviationTable } from "./table.js";

const page = await readFile(join(import.meta.dirname, "../../../docs/aws-servers.md"), "utf8");

describe("docs/aws-servers.md", () => {
  for (const server of SERVER_NAMES) {
    it(`has every deviation of ${server}`, () => {
      expect(page).toContain(deviationTable(server));
      expect(page).toContain(`\`${server}\`: ${conformity(server)} as on AWS`);
    });
  }
});

describe("the deviations", () => {
  it("are of facts that there are, and differ from AWS", () => {
    for (const server of SERVER_NAMES) {
      const facts = new Map(factsOf(server).map((fact) => [fact.id, fact.aws]));
      for (const [id, here] of Object.entries(DEVIATIONS[server])) {
        expect(facts.get(id), id).toBeDefined();
        expect(facts.get(id), id).not.toBe(here);
      }
    }
  });
});
