import { basename } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { ENGINES, MISSING, type Workplace, workplace } from "../engine.js";

/**
 * A suite for one engine, or for each that is here. Where there is none it is listed as skipped with the reason, and fails
 * with `CI=true`.
 */
export function describeWithEngine(
  title: string,
  suite: (place: () => Workplace) => void,
  engines: readonly string[] = ENGINES.slice(0, 1),
): void {
  if (engines.length === 0) {
    describe(title, () => {
      it.skipIf(process.env.CI !== "true")(`needs an engine: ${MISSING}`, () => {
        throw new Error(MISSING);
      });
    });
  }
  for (const engine of engines) {
    describe(`${title}, by ${basename(engine)}`, () => {
      let place: Workplace | undefined;
      beforeAll(async () => {
        place = await workplace(engine);
      });
      afterAll(() => place?.[Symbol.asyncDispose]());
      suite(() => {
        if (place === undefined) throw new Error("the suite has not begun");
        return place;
      });
    });
  }
}
