import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createKeys } from "./keys.js";
import { serializeTombstone } from "./segment.js";
import { hasTool } from "./testing/foreign-tool.js";
import { longChain, SAMPLE_IDENTITY, storeChain } from "./testing/sample-chain.js";

const script = join(import.meta.dirname, "../../../../docs/protocol/examples/read_chain.py");
const { relayId, taskId } = SAMPLE_IDENTITY;
const chain = longChain(21);
const objects = storeChain(chain);

/** The chain in which one letter of hop 2 was changed, in every object that carries it. */
const forged = storeChain(
  chain.map(({ raw, ...handoff }, hop) => {
    const changed = Buffer.from(raw);
    if (hop === 2) changed.write("H", changed.lastIndexOf("hop "));
    return { ...handoff, raw: changed };
  }),
);
/** Objects one of which is another. */
const withObject = (hop: number, bytes: Uint8Array | undefined) =>
  objects.map((each, at) => (at === hop ? bytes : each));

const root = mkdtempSync(join(tmpdir(), "read-chain-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Writes slots as files, where their keys say, and lets Python read them. */
function readWithPython(slots: readonly (Uint8Array | undefined)[]) {
  const directory = mkdtempSync(join(root, "export-"));
  const keys = createKeys({ relayId });
  mkdirSync(join(directory, keys.slots(taskId)), { recursive: true });
  for (const [hop, bytes] of slots.entries()) {
    if (bytes !== undefined) writeFileSync(join(directory, keys.slot(taskId, hop)), bytes);
  }
  const { status, stdout, stderr } = spawnSync("python3", [script, join(directory, keys.slots(taskId))], {
    encoding: "utf8",
  });
  return { status, lines: stdout.split("\n").slice(0, -1), stderr };
}

describe.skipIf(!hasTool("python3"))("a reader in Python, with its standard library alone", () => {
  it("reads an exported chain, and finds the same hashes", () => {
    const { status, lines, stderr } = readWithPython(objects);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(lines).toEqual(
      chain.map(({ record, sha256 }) => `${record.hop} ${record.fromAgent ?? "-"} ${record.decision.kind} 1 ${sha256}`),
    );
  });

  it.each<[string, (Uint8Array | undefined)[], string]>([
    ["a missing object", withObject(5, undefined), "the slot of hop 5 is missing"],
    ["a truncated object", withObject(7, objects[7]?.subarray(0, -1)), "truncated"],
    ["an object in another's place", withObject(9, objects[8]), "the run of hop 9"],
    ["a handoff changed in its own slot only", withObject(2, forged[2]), "hop 3 carries other handoffs"],
    ["a handoff changed wherever it is carried", forged, "the link of hop 3"],
    ["an erased task", [serializeTombstone(taskId, 0)], "erased"],
    ["no slot", [], "there is no slot"],
  ])("refuses %s", (_, slots, reason) => {
    const { status, stderr } = readWithPython(slots);
    expect(status).toBe(1);
    expect(stderr).toContain("damaged: ");
    expect(stderr).toContain(reason);
  });
});
