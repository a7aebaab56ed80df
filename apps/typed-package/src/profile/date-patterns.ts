/** What a date in text may look like: `YYYY` `YY` `MMMM` `MMM` `MM` `M` `DD` `D` `HH` `H` `h` `mm` `ss` `SSS` `A` `Z`, the rest literal. */
export interface DatePattern {
  readonly pattern: string;
  /** Milliseconds since 1970 in UTC, or undefined where the text is no such date. A text without a zone is taken as UTC. */
  parse(text: string): number | undefined;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS = [
  ...["january", "february", "march", "april", "may", "june"],
  ...["july", "august", "september", "october", "november", "december"],
];

const TOKENS: Readonly<Record<string, string>> = {
  YYYY: "(?<year>\\d{4})",
  YY: "(?<shortYear>\\d{2})",
  MMMM: `(?<longMonth>${LONG_MONTHS.join("|")})`,
  MMM: `(?<monthName>${MONTHS.join("|")})`,
  MM: "(?<month>\\d{2})",
  M: "(?<month>\\d{1,2})",
  DD: "(?<day>\\d{2})",
  D: "(?<day>\\d{1,2})",
  HH: "(?<hour>\\d{2})",
  H: "(?<hour>\\d{1,2})",
  h: "(?<hour12>\\d{1,2})",
  mm: "(?<minute>\\d{2})",
  ss: "(?<second>\\d{2})",
  SSS: "(?<fraction>\\d{1,3})",
  A: "(?<half>am|pm)",
  Z: "(?<zone>z|[+-]\\d{2}:?\\d{2})",
};

const TOKEN = /YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|h|mm|ss|SSS|A|Z/g;

/** Two digits of a year: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068, as in POSIX. */
const fullYear = (short: number): number => (short >= 69 ? 1900 + short : 2000 + short);

function zoneMinutes(zone: string): number | undefined {
  if (zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

function hourOf(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  if (groups.hour12 === undefined) return Number(groups.hour ?? 0);
  const hour = Number(groups.hour12);
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (groups.half === "pm" ? 12 : 0);
}

function monthOf(groups: Readonly<Record<string, string | undefined>>): number {
  if (groups.longMonth !== undefined) return LONG_MONTHS.indexOf(groups.longMonth) + 1;
  return groups.monthName !== undefined ? MONTHS.indexOf(groups.monthName) + 1 : Number(groups.month);
}

function toTime(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  const year = groups.year !== undefined ? Number(groups.year) : fullYear(Number(groups.shortYear));
  const month = monthOf(groups);
  const day = Number(groups.day ?? 1);
  const hour = hourOf(groups);
  const minute = Number(groups.minute ?? 0);
  const second = Number(groups.second ?? 0);
  const zone = zoneMinutes(groups.zone ?? "z");
  if (hour === undefined || zone === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  // Years below 100 are meant as they stand, which Date.UTC would move to the twentieth century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const milliseconds = Number((groups.fraction ?? "0").padEnd(3, "0"));
  return date.getTime() + ((hour * 60 + minute - zone) * 60 + second) * 1000 + milliseconds;
}

export function compileDatePattern(pattern: string): DatePattern {
  let source = "";
  let end = 0;
  const literal = (text: string) => text.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  for (const match of pattern.matchAll(TOKEN)) {
    source += literal(pattern.slice(end, match.index)) + TOKENS[match[0]];
    end = match.index + match[0].length;
  }
  const regex = new RegExp(`^${source}${literal(pattern.slice(end))}$`);
  return {
    pattern,
    parse(text) {
      const groups = regex.exec(text.toLowerCase())?.groups;
      return groups && toTime(groups);
    },
  };
}

const DAYS = [
  ...[
    "YYYY-MM-DD",
    "YYYY/M/D",
    "YYYY.M.D",
    "M/D/YYYY",
    "D/M/YYYY",
    "M-D-YYYY",
    "D-M-YYYY",
    "D.M.YYYY",
    "M/D/YY",
    "D/M/YY",
  ],
  ...[
    "D.M.YY",
    "MMM D YYYY",
    "MMM D, YYYY",
    "MMMM D, YYYY",
    "MMMM D YYYY",
    "D MMM YYYY",
    "D MMMM YYYY",
    "D-MMM-YYYY",
    "D-MMM-YY",
  ],
];
const TIMES = ["", " H:mm", " H:mm:ss", " h:mm A", " h:mm:ss A"];
const ISO_TIMES = ["HH:mm", "HH:mm:ss", "HH:mm:ss.SSS"];
const ISO = ["T", " "].flatMap((gap) =>
  ISO_TIMES.flatMap((time) => ["", "Z"].map((zone) => `YYYY-MM-DD${gap}${time}${zone}`)),
);

/** Every pattern that a profile looks for, the likelier first where several fit. */
export const DATE_PATTERNS: readonly DatePattern[] = [
  ...new Set(["YYYY-MM", ...DAYS.flatMap((day) => TIMES.map((time) => day + time)), ...ISO]),
].map(compileDatePattern);

/**
 * The patterns that read a text as a date. Patterns that differ only in how strictly they read (`D` and `DD`) may
 * both be there; `12/06/1998` fits a month-first and a day-first one.
 */
export function datePatternsOf(text: string, among: readonly DatePattern[] = DATE_PATTERNS): readonly DatePattern[] {
  // Cheap first: most text is no date.
  if (text.length < 6 || text.length > 32 || !/\d/.test(text) || !/[-/. ]/.test(text)) return [];
  return among.filter((candidate) => candidate.parse(text) !== undefined);
}
