import { join } from "node:path";
import { type Delivery, InvalidOptionsError } from "@agenthandoff/core";
import { fakeClock } from "@agenthandoff/core/memory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE } from "./connections.js";
import { MAX_REASON_CHARACTERS } from "./limits.js";
import { openSqlite } from "./sqlite.js";
import { queryFile } from "./testing/contents.js";
import { testDirectory } from "./testing/directory.js";

const queue = { relayId: "relay", agent: "agent" };
const look = { max: 1, waitMs: 0, visibilityMs: 1_000 };

const STEPS = ["send", "receive", "acknowledge", "release", "extend", "reject", "redrive", "pass"] as const;

describe("the queue", () => {
  it("serves groups in turn: a long backlog of one keeps no other waiting", async () => {
    await using directory = testDirectory();
    const clock = fakeClock();
    const { transport } = directory.open({ clock });
    const send = (groupId: string, body: string) => transport.send(queue, { groupId, body, deduplicationId: body });
    for (let number = 0; number < 20; number++) await send("long", `long ${number}`);
    await send("short", "short 0");
    await send("other", "other 0");
    const served: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      await clock.advance(1);
      const [delivery] = await transport.receive(queue, look);
      served.push(delivery?.body ?? "nothing");
      await delivery?.acknowledge();
    }
    expect(served).toEqual(["long 0", "short 0", "other 0", "long 1", "long 2", "long 3"]);
  });

  it("has one due message a group, its first, whatever happens to it", async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat(20)), { maxLength: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(steps, async (chosen) => {
        await using directory = testDirectory();
        const clock = fakeClock();
        const { transport } = directory.open({ clock, maxReceiveCount: 2 });
        const connection = openSqlite(join(directory.path, DATABASE_FILE));
        const deliveries: Delivery[] = [];
        let sent = 0;
        const act: Record<(typeof STEPS)[number], (number: number, delivery?: Delivery) => Promise<unknown>> = {
          send: (n) => transport.send(queue, { body: "", groupId: `${n % 3}`, deduplicationId: `${sent++}` }),
          receive: async (n) => deliveries.push(...(await transport.receive(queue, { ...look, max: 1 + (n % 4) }))),
          redrive: () => transport.redrive(queue),
          pass: (n) => clock.advance(n * 100),
          acknowledge: async (_, delivery) => await delivery?.acknowledge(),
          reject: async (_, delivery) => await delivery?.reject(""),
          release: async (_, delivery) => await delivery?.release(300),
          extend: async (_, delivery) => await delivery?.extend(600),
        };
        for (const [step, number] of chosen) {
          await act[step](number, deliveries[number % Math.max(deliveries.length, 1)]);
          const misplaced = connection.all(`
            SELECT * FROM messages AS message WHERE (due_at IS NOT NULL) <> (seq = (
              SELECT min(seq) FROM messages AS other WHERE other.queue = message.queue AND other.group_id = message.group_id))`);
          expect(misplaced).toEqual([]);
          expect(connection.all("SELECT * FROM messages WHERE held = 1 AND due_at IS NULL")).toEqual([]);
        }
        connection.close();
      }),
      { numRuns: 40 },
    );
  });

  it("forgets deduplication ids once their time is over, a few with each send", async () => {
    await using directory = testDirectory();
    const clock = fakeClock();
    const { transport } = directory.open({ clock });
    const send = (id: string) => transport.send(queue, { body: "", groupId: "group", deduplicationId: id });
    for (let number = 0; number < 50; number++) await send(`early ${number}`);
    await clock.advance(transport.deduplicationMs);
    for (let number = 0; number < 50; number++) await send(`late ${number}`);
    const file = join(directory.path, DATABASE_FILE);
    const [row] = queryFile<{ count: number }>(file, "SELECT count(*) AS count FROM accepted");
    expect(row?.count).toBe(50);
  });

  it("refuses a visibility that is no number, which would hide the message for good", async () => {
    await using directory = testDirectory();
    const { transport } = directory.open();
    await transport.send(queue, { body: "body", groupId: "group", deduplicationId: "1" });
    const wrong = { ...look, visibilityMs: Number.NaN };
    await expect(transport.receive(queue, wrong)).rejects.toBeInstanceOf(InvalidOptionsError);
    const [delivery] = await transport.receive(queue, look);
    await expect(delivery?.extend(Number.NaN)).rejects.toBeInstanceOf(InvalidOptionsError);
    await expect(delivery?.release(Number.NaN)).rejects.toBeInstanceOf(InvalidOptionsError);
    expect(await delivery?.release(-5)).toBe("done");
    expect(await transport.receive(queue, look)).toHaveLength(1);
  });

  it("keeps a reason's text up to its limit, and no half character", async () => {
    await using directory = testDirectory();
    const { transport } = directory.open();
    const reason = `${"x".repeat(MAX_REASON_CHARACTERS - 1)}😀 and more`;
    await transport.send(queue, { body: "body", groupId: "group", deduplicationId: "1" });
    const [delivery] = await transport.receive(queue, look);
    await delivery?.reject(reason);
    for await (const letter of transport.deadLetters(queue)) {
      expect(letter.reason).toBe("x".repeat(MAX_REASON_CHARACTERS - 1));
    }
  });

  it("lets timers run between receipts, however busy it is", async () => {
    await using directory = testDirectory();
    const { transport } = directory.open();
    for (let number = 0; number < 100; number++) {
      await transport.send(queue, { body: "", groupId: `${number}`, deduplicationId: `${number}` });
    }
    let turns = 0;
    let receiving = true;
    const count = (): void => {
      turns++;
      if (receiving) setImmediate(count);
    };
    setImmediate(count);
    for (let number = 0; number < 100; number++) {
      const [delivery] = await transport.receive(queue, look);
      await delivery?.acknowledge();
    }
    receiving = false;
    expect(turns).toBeGreaterThanOrEqual(100);
  });
});
