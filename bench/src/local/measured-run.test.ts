import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memory } from "@agenthandoff/core/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CORPORA } from "../corpus/corpora.js";
import { measureRecords } from "../script/record-bytes.js";
import { messagesByHop } from "../script/script.js";
import { writeScript } from "../script/write-script.js";
import { agenthandoff } from "./agenthandoff.js";
import { measureRun, parseRunResult, type Reading, type RunResult } from "./measured-run.js";
import { assertSameChain } from "./same-chain.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "agenthandoff-bench-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function measured(mode: "warm" | "cold", reading: Reading) {
  const recordBytes = await measureRecords(memory());
  const hops = messagesByHop(writeScript(CORPORA.coding(), { hops: 12, bytesPerHop: 3_000, recordBytes }));
  const scriptFile = join(directory, "script.json");
  writeFileSync(scriptFile, JSON.stringify(hops));
  const result = await measureRun(agenthandoff(mode), { scriptFile, directory, reading });
  return { hops, result };
}

describe("a measured run", () => {
  for (const mode of ["warm", "cold"] as const) {
    for (const reading of ["newest", "all"] as const) {
      it(`of ${mode} workers that read ${reading} gives every agent its context, and keeps all of it`, async () => {
        const { hops, result } = await measured(mode, reading);
        expect(parseRunResult(JSON.parse(JSON.stringify(result)))).toEqual(result);
        assertSameChain(hops, reading, result, "agenthandoff");
      });
    }
  }

  it("is refused when anything was lost, altered or not read", async () => {
    const { hops, result } = await measured("warm", "all");
    const refused = (changes: Partial<RunResult>, reading: Reading = "all") =>
      expect(() => assertSameChain(hops, reading, { ...result, ...changes }, "it"));
    refused({ hopsKept: 11 }).toThrow("it did not do the same chain: it kept 11 hops of 12");
    refused({ messagesSha256: "0" }).toThrow("the messages it kept are not the script's");
    refused({ contextCharacters: result.contextCharacters.slice(1) }).toThrow("its agents got other contexts");
    refused({}, "newest").toThrow("its agents read other messages");
  });
});
