import { isDate } from "node:util/types";
import { refuseExtras } from "../own-properties.js";
import { json, stringOf, type Tag } from "../tag.js";

/** An instant as `Date.prototype.toISOString` writes it, or null for an invalid date. */
export const dateTag: Tag = {
  name: "date",
  members: { value: json },
  take(value, encoding) {
    if (!isDate(value)) return encoding.refuse("an object that only looks like a Date");
    refuseExtras(value, "a Date", encoding);
    return { value: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  },
  make(members, decoding) {
    if (members.value === null) return new Date(Number.NaN);
    const text = stringOf(members, "value", decoding);
    const date = new Date(text);
    // Comparing with what would have been written refuses every other spelling that Date understands.
    if (Number.isNaN(date.getTime()) || date.toISOString() !== text) {
      return decoding.malformed("a date is not an ISO 8601 instant in UTC with milliseconds");
    }
    return date;
  },
};
