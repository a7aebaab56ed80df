import { describe, expectTypeOf, it } from "vitest";
import type { Backend } from "../ports/index.js";
import { CRASH_POINTS, type Crash, type CrashPoint, crashAfter } from "./crash.js";
import { memory } from "./memory.js";

describe("a crash", () => {
  it("comes after a point that there is", () => {
    expectTypeOf(crashAfter("commit", { agent: "code", hop: 1, taskId: "t", occurrence: 2 })).toEqualTypeOf<Crash>();
    // @ts-expect-error: misspelt
    crashAfter("comit");
    // @ts-expect-error: misspelt
    crashAfter("commit", { agnet: "code" });
    for (const point of CRASH_POINTS.worker) expectTypeOf(point).toExtend<CrashPoint>();
  });

  it("may be left open, and is a backend's like any other", () => {
    expectTypeOf(memory({ crash: undefined })).toExtend<Backend>();
    // @ts-expect-error: a point alone says neither before nor after
    memory({ crash: "commit" });
  });

  it("lets nothing that follows it in an agent be reached", () => {
    expectTypeOf(memory().crash()).resolves.toEqualTypeOf<never>();
  });
});
