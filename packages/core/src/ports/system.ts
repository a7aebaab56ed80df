import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock, Random } from "./clock.js";

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      // Node's timers overflow past 2^31-1 ms and would then fire at once.
      await delay(Math.min(ms, 2 ** 31 - 1), undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};

/** The machine's randomness. */
export const systemRandom: Random = {
  number: () => Math.random(),
  id: () => randomBytes(18).toString("base64url"),
};
