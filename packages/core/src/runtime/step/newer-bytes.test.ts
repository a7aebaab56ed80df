import { describe, expect, it } from "vitest";
import { compressHandoff, decompressHandoff, parseSegment, serializeSegment, sha256 } from "../../protocol/index.js";
import { type Bed, createBed } from "../testing/bed.js";
import { finishes, passesTo } from "../testing/scripted-agent.js";

/** Rewrites hop 1 as another version of this library might have written it, and delivers its envelope. */
async function withHop1(rewrite: (text: string) => string) {
  const code = finishes("code");
  const bed = createBed({ agents: [passesTo("research", "code"), code] });
  await bed.relay.start({ to: "research", taskId: "t" });
  await bed.deliver("research");
  await (await bed.receive("code"))?.acknowledge();
  const text = await hop1Of(bed);
  const raw = Buffer.from(rewrite(text));
  const bytes = serializeSegment({ taskId: "t", hop: 1, first: 1, refs: [0], frames: [compressHandoff(raw)] });
  await bed.send("t", { handoffSha256: sha256(raw) });
  await bed.remove(bed.slotKey("t", 1));
  await bed.backend.store.putIfAbsent(bed.slotKey("t", 1), bytes);
  const worker = bed.another();
  return { bed: worker, code, outcome: await worker.deliver("code") };
}

async function hop1Of(bed: Bed): Promise<string> {
  const bytes = await bed.backend.store.get(bed.slotKey("t", 1));
  const frame = parseSegment(bytes ?? new Uint8Array(), { taskId: "t", hop: 1 }).frames.at(-1);
  if (frame === undefined) throw new Error("no frame");
  return Buffer.from(decompressHandoff(frame)).toString();
}

describe("what a newer version wrote", () => {
  it.each([
    ["a newer v", (text: string) => text.replace('"v":1', '"v":2')],
    [
      "a feature that a reader must understand",
      (text: string) => text.replace('"requires":[]', '"requires":["forks"]'),
    ],
  ])("with %s is left to newer workers: released, audited not_understood, not run", async (_what, rewrite) => {
    const { bed, code, outcome } = await withHop1(rewrite);
    expect(outcome).toMatchObject({ status: "not-understood" });
    expect(code.turns).toHaveLength(0);
    expect(bed.kinds("t")).toContain("not_understood:1");
    expect(await bed.row("t")).toMatchObject({ damaged: false });
    expect(await bed.relay.reconcile({ olderThanMs: 0 })).toMatchObject({ damaged: [], failed: [], tasks: 1 });
    expect(bed.queued("code")).toBe(1);
  });

  it("is not erased by a version that could not tell the audit of it, and stays for a newer one to erase", async () => {
    const { bed } = await withHop1((text) => text.replace('"requires":[]', '"requires":["forks"]'));
    await expect(bed.relay.task("t").erase()).rejects.toMatchObject({ code: "NOT_UNDERSTOOD" });
    expect(await hop1Of(bed)).toContain("what research learned");
    await bed.clock.advance(60 * 60_000);
    expect(await bed.relay.reconcile()).toMatchObject({ failed: [{ taskId: "t" }] });
    expect((await bed.intents()).map(({ operation }) => operation)).toEqual(["erase"]);
  });

  it("with unknown fields and lines is read past them, and their bytes are kept", async () => {
    const line = '{"kind":"mood","value":"good"}\n';
    const { bed, code, outcome } = await withHop1((text) => `${text.replace('"v":1', '"v":1,"mood":"good"')}${line}`);
    expect(outcome).toMatchObject({ status: "committed" });
    expect(code.turns[0]?.context.latest("research")).toBe("what research learned");
    expect(code.turns[0]?.context.entries.map(({ kind }) => kind)).toEqual(["output"]);
    expect(await hop1Of(bed)).toContain(line);
    expect(await bed.relay.task("t").verify()).toMatchObject({
      problems: [{ hop: 1, what: expect.stringContaining("audit") }],
    });
  });
});
