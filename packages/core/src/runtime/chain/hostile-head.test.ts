import { expect, it } from "vitest";
import { compressHandoff, serializeSegment } from "../../protocol/index.js";
import { createBed } from "../testing/bed.js";
import { finishes } from "../testing/scripted-agent.js";
import { readChain } from "./read-chain.js";

it("a head that names slots without number, which are not there, costs no more than a few reads", async () => {
  const bed = createBed({ agents: [finishes("qa")] });
  const hop = 200_000;
  const refs = Array.from({ length: hop }, (_, ref) => ref);
  const frames = [compressHandoff(Buffer.from("x"))];
  const bytes = serializeSegment({ taskId: "t", hop, first: hop, refs, frames });
  await bed.backend.store.putIfAbsent(bed.slotKey("t", hop), bytes);
  await expect(readChain(bed.environment, "t", hop)).rejects.toMatchObject({ code: "CONTEXT_INTEGRITY" });
  expect(bed.trace.filter((call) => call.startsWith("get")).length).toBeLessThan(200);
});
