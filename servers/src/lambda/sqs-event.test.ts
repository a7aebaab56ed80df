import { describe, expect, it } from "vitest";
import { failedIn } from "./sqs-event.js";

const ids = ["a", "b"];
const reporting = (...itemIdentifiers: unknown[]) => ({
  batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("what a function's answer leaves in the queue", () => {
  it.each([
    ["nothing, where it answers nothing", undefined, []],
    ["nothing, where it answers null", null, []],
    ["nothing, where it reports nothing", reporting(), []],
    ["nothing, where it answers something else", { statusCode: 200 }, []],
    ["what it reports", reporting("b"), ["b"]],
    ["everything, where it reports an empty id", reporting("a", ""), ids],
    ["everything, where it reports an id that is none of them", reporting("c"), ids],
    ["everything, where it reports what has no id", { batchItemFailures: [{}] }, ids],
    ["everything, where its report is no list", { batchItemFailures: "a" }, ids],
  ])("is %s", (_what, response, left) => {
    expect(failedIn(response, ids)).toEqual(left);
  });
});
