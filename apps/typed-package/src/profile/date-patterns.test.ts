import { describe, expect, it } from "vitest";
import { compileDatePattern, datePatternsOf } from "./date-patterns.js";

const names = (text: string) => datePatternsOf(text).map(({ pattern }) => pattern);
const iso = (pattern: string, text: string) => {
  const time = compileDatePattern(pattern).parse(text);
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe("date patterns", () => {
  it("are found in the texts of real files", () => {
    expect(names("1998-06-12")).toEqual(["YYYY-MM-DD"]);
    expect(names("Jun 12 1998")).toEqual(["MMM D YYYY"]);
    expect(names("2015/01/01 01:00:00")).toEqual(["YYYY/M/D H:mm:ss"]);
    expect(names("2010-01-01T01:00:00")).toEqual(["YYYY-MM-DDTHH:mm:ss"]);
    expect(names("2000-01-01T08:00:00.000Z")).toEqual(["YYYY-MM-DDTHH:mm:ss.SSSZ"]);
    expect(names("1/8/90 0:00")).toEqual(["M/D/YY H:mm", "D/M/YY H:mm"]);
    expect(names("24.12.2020")).toEqual(["D.M.YYYY"]);
    expect(names("5-Mar-99")).toEqual(["D-MMM-YY"]);
    expect(names("3/4/2021 11:05 PM")).toEqual(["M/D/YYYY h:mm A", "D/M/YYYY h:mm A"]);
  });

  it("tell day-first from month-first where a day above 12 shows it", () => {
    expect(names("12/25/2020")).toEqual(["M/D/YYYY"]);
    expect(names("25/12/2020")).toEqual(["D/M/YYYY"]);
  });

  it("do not fit what only looks like a date", () => {
    for (const text of [
      "2021-02-29",
      "2021-13-01",
      "24:00",
      "1.5",
      "v1.2.3",
      "Jun 31 2020",
      "12-Foo-99",
      "2020-01-01T25:00:00",
      "",
    ]) {
      expect(names(text)).toEqual([]);
    }
  });

  it("give the moment in UTC", () => {
    expect(iso("MMM D YYYY", "Aug 07 1998")).toBe("1998-08-07T00:00:00.000Z");
    expect(iso("M/D/YY H:mm", "1/8/90 3:05")).toBe("1990-01-08T03:05:00.000Z");
    expect(iso("M/D/YY", "1/8/68")).toBe("2068-01-08T00:00:00.000Z");
    expect(iso("M/D/YYYY h:mm A", "1/8/2020 12:30 am")).toBe("2020-01-08T00:30:00.000Z");
    expect(iso("YYYY-MM-DDTHH:mm:ssZ", "2020-01-01T01:00:00+02:30")).toBe("2019-12-31T22:30:00.000Z");
    expect(iso("YYYY-MM-DD", "0044-03-15")).toBe("0044-03-15T00:00:00.000Z");
    expect(iso("YYYY-MM-DDTHH:mm:ss.SSS", "2020-01-01T00:00:00.5")).toBe("2020-01-01T00:00:00.500Z");
  });
});
