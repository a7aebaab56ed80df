import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { at, collect, eventSample, RELAY, rowSample } from "./testing/samples.js";
import { testTable } from "./testing/table.js";

const WRITERS = 4;
const LAST_HOP = 8;

describeWithServers(["dynamodb"], "many writers at once, each with a client of its own", ({ dynamodb }) => {
  it("leave each event once, told to exactly one of them, and the row of the furthest head", async () => {
    await using table = await testTable(dynamodb);
    const logs = Array.from({ length: WRITERS }, () => table.open());
    let runs = 0;
    const append = fc.record({
      writer: fc.nat({ max: WRITERS - 1 }),
      hop: fc.nat({ max: LAST_HOP }),
      withRow: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(append, { minLength: 2, maxLength: 40 }), async (appends) => {
        const taskId = `task-${++runs}`;
        const ids = { relayId: RELAY, taskId };
        const answers = await Promise.all(
          appends.map(async ({ writer, hop, withRow }) => {
            const row = rowSample({ ...ids, headHop: hop, headSha256: String(hop), updatedAt: at(hop) });
            const answer = await logs[writer]?.append(eventSample({ ...ids, hop }), withRow ? { row } : {});
            return { hop, answer };
          }),
        );
        const hops = [...new Set(appends.map(({ hop }) => hop))].sort((left, right) => left - right);
        const heads = appends.filter(({ withRow }) => withRow).map(({ hop }) => hop);
        for (const log of logs) {
          expect((await collect(log.events(RELAY, taskId))).map(({ hop }) => hop)).toEqual(hops);
          const row = await log.task(RELAY, taskId);
          if (heads.length === 0) expect(row).toBeUndefined();
          else expect(row).toMatchObject({ headHop: Math.max(...heads), headSha256: String(Math.max(...heads)) });
        }
        for (const hop of hops) {
          const told = answers.filter((each) => each.hop === hop && each.answer === "appended");
          expect(told, `hop ${hop}`).toHaveLength(1);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("that flag damage while others move the row on leave the flag of one of them, and every event", async () => {
    await using table = await testTable(dynamodb);
    const logs = Array.from({ length: WRITERS }, () => table.open());
    const hops = Array.from({ length: 20 }, (_, hop) => hop);
    const ids = { relayId: RELAY, taskId: "flagged" };
    await Promise.all(
      hops.map((hop) =>
        logs[hop % WRITERS]?.append(
          eventSample({ ...ids, hop }),
          hop % 2 === 0 ? { row: rowSample({ ...ids, headHop: hop }) } : { damaged: true },
        ),
      ),
    );
    const [log] = logs;
    const row = await log?.task(RELAY, "flagged");
    expect(row?.headHop).toBe(18);
    const listed = await collect(log?.tasks(RELAY, { damaged: true }) ?? (async function* () {})());
    expect(listed).toHaveLength(row?.damaged === true ? 1 : 0);
    expect(await collect(log?.events(RELAY, "flagged") ?? (async function* () {})())).toHaveLength(20);
  });
});
