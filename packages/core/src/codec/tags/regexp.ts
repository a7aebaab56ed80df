import { isRegExp } from "node:util/types";
import { refuseExtras } from "../own-properties.js";
import { json, stringOf, type Tag, value as valueMember } from "../tag.js";

export const regexpTag: Tag = {
  name: "regexp",
  members: { source: valueMember, flags: json, lastIndex: json },
  take(value, encoding) {
    if (!isRegExp(value)) return encoding.refuse("an object that only looks like a RegExp");
    refuseExtras(value, "a RegExp", encoding, "lastIndex");
    const { source, flags, lastIndex } = value;
    if (!isWhole(lastIndex)) return encoding.refuse("a RegExp whose lastIndex is not an integer", "set lastIndex to 0");
    return { source, flags, lastIndex };
  },
  make(members, decoding) {
    const { lastIndex } = members;
    if (!isWhole(lastIndex)) return decoding.malformed("the lastIndex of a regexp is not an integer");
    const regexp = compile(stringOf(members, "source", decoding), stringOf(members, "flags", decoding));
    if (regexp === undefined) return decoding.malformed("a regexp does not compile here");
    regexp.lastIndex = lastIndex;
    return regexp;
  },
};

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && !Object.is(value, -0);

function compile(source: string, flags: string): RegExp | undefined {
  try {
    const regexp = new RegExp(source, flags);
    return regexp.source === source && regexp.flags === flags ? regexp : undefined;
  } catch {
    return undefined;
  }
}
