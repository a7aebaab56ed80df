const MONTHS = "january february march april may june july august september october november december".split(" ");

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  afternoon: boolean | undefined;
  zoneMinutes: number;
}

type Read = (text: string, at: number, parts: Parts) => number | undefined;

/** Reads `least` to `most` digits and stores them; gives the place after them. */
function digits(least: number, most: number, store: (parts: Parts, value: number, length: number) => void): Read {
  return (text, at, parts) => {
    let end = at;
    while (end < at + most && /\d/.test(text[end] ?? "")) end++;
    if (end - at < least) return undefined;
    store(parts, Number(text.slice(at, end)), end - at);
    return end;
  };
}

function monthName(length: "short" | "long"): Read {
  return (text, at, parts) => {
    const index = MONTHS.findIndex((month) => text.startsWith(length === "short" ? month.slice(0, 3) : month, at));
    if (index < 0) return undefined;
    parts.month = index + 1;
    return at + (length === "short" ? 3 : (MONTHS[index]?.length ?? 0));
  };
}

const READERS: Readonly<Record<string, Read>> = {
  YYYY: digits(4, 4, (parts, value) => {
    parts.year = value;
  }),
  // As in POSIX: 69 to 99 are of the twentieth century, 00 to 68 of the twenty-first.
  YY: digits(2, 2, (parts, value) => {
    parts.year = value < 69 ? 2000 + value : 1900 + value;
  }),
  MMMM: monthName("long"),
  MMM: monthName("short"),
  MM: digits(2, 2, (parts, value) => {
    parts.month = value;
  }),
  M: digits(1, 2, (parts, value) => {
    parts.month = value;
  }),
  DD: digits(2, 2, (parts, value) => {
    parts.day = value;
  }),
  D: digits(1, 2, (parts, value) => {
    parts.day = value;
  }),
  HH: digits(2, 2, (parts, value) => {
    parts.hour = value;
  }),
  H: digits(1, 2, (parts, value) => {
    parts.hour = value;
  }),
  h: digits(1, 2, (parts, value) => {
    parts.hour = value >= 1 && value <= 12 ? value % 12 : Number.NaN;
  }),
  mm: digits(2, 2, (parts, value) => {
    parts.minute = value;
  }),
  ss: digits(2, 2, (parts, value) => {
    parts.second = value;
  }),
  SSS: digits(1, 3, (parts, value, length) => {
    parts.millisecond = value * 10 ** (3 - length);
  }),
  A: (text, at, parts) => {
    const half = text.slice(at, at + 2);
    if (half !== "am" && half !== "pm") return undefined;
    parts.afternoon = half === "pm";
    return at + 2;
  },
  Z: (text, at, parts) => {
    if (text[at] === "z") return at + 1;
    const match = /^([+-])(\d\d):?(\d\d)/.exec(text.slice(at));
    if (!match) return undefined;
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    if (Number(match[2]) > 14 || Number(match[3]) > 59) return undefined;
    parts.zoneMinutes = match[1] === "-" ? -minutes : minutes;
    return at + match[0].length;
  },
};

const NAMES = Object.keys(READERS).sort((a, b) => b.length - a.length);

function literal(character: string): Read {
  const wanted = character.toLowerCase();
  return (text, at) => (text[at] === wanted ? at + 1 : undefined);
}

function compile(pattern: string): Read[] {
  const reads: Read[] = [];
  for (let at = 0; at < pattern.length; ) {
    const name = NAMES.find((candidate) => pattern.startsWith(candidate, at));
    reads.push((name && READERS[name]) || literal(pattern[at] ?? ""));
    at += name?.length ?? 1;
  }
  return reads;
}

/**
 * A reader of dates written in one pattern. A text without a zone is taken as UTC.
 *
 * @returns undefined for a text that is no such date, also for one that no calendar has, such as 31 June.
 */
export function dateReader(pattern: string): (text: string) => Date | undefined {
  const reads = compile(pattern);
  return (original) => {
    const text = original.toLowerCase();
    const parts: Parts = {
      ...{ year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 },
      ...{ afternoon: undefined, zoneMinutes: 0 },
    };
    let at: number | undefined = 0;
    for (const read of reads) {
      at = read(text, at, parts);
      if (at === undefined) return undefined;
    }
    if (at !== text.length) return undefined;
    const date = new Date(0);
    date.setUTCFullYear(parts.year, parts.month - 1, parts.day);
    if (date.getUTCMonth() !== parts.month - 1 || date.getUTCDate() !== parts.day) return undefined;
    const hour = parts.hour + (parts.afternoon === true ? 12 : 0);
    if (!(hour <= 23 && parts.minute <= 59 && parts.second <= 59)) return undefined;
    date.setUTCHours(hour, parts.minute - parts.zoneMinutes, parts.second, parts.millisecond);
    return date;
  };
}
