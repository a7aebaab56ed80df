import { describe, expect, it } from "vitest";
import { billedRequests, costOfMillion } from "./cost.js";

const nothing = {
  s3: { puts: 0, gets: 0, bytesStored: 0 },
  sqs: { requests: 0 },
  dynamodb: { writeUnits: 0, readUnits: 0 },
};

describe("the cost of a million handoffs", () => {
  it("is nothing for nothing", () => {
    expect(costOfMillion(nothing)).toEqual({ s3Requests: 0, sqs: 0, dynamodb: 0, requests: 0, storageMonth: 0 });
  });

  it("is $5 for a put each, $0.40 for a get, $0.50 for a request to a queue, and $0.625 for a unit written", () => {
    const cost = costOfMillion({
      s3: { puts: 1, gets: 1, bytesStored: 0 },
      sqs: { requests: 1 },
      dynamodb: { writeUnits: 1, readUnits: 0 },
    });
    expect(cost.s3Requests).toBeCloseTo(5.4, 10);
    expect(cost.sqs).toBeCloseTo(0.5, 10);
    expect(cost.dynamodb).toBeCloseTo(0.625, 10);
    expect(cost.requests).toBeCloseTo(6.525, 10);
  });

  it("counts a month of what they stored apart", () => {
    const cost = costOfMillion({ ...nothing, s3: { puts: 0, gets: 0, bytesStored: 1_000 } });
    expect(cost.storageMonth).toBeCloseTo(0.023, 10);
    expect(cost.requests).toBe(0);
  });
});

it("bills a message once for each 64 KiB that it has begun", () => {
  expect([0, 1, 65_536, 65_537, 1_048_576].map(billedRequests)).toEqual([1, 1, 1, 2, 16]);
});
