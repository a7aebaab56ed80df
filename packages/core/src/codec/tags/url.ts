import { refuseExtras } from "../own-properties.js";
import { json, stringOf, type Tag } from "../tag.js";

export const urlTag: Tag = {
  name: "url",
  members: { href: json },
  take(value, encoding) {
    const href = hrefOf(value);
    if (href === undefined) return encoding.refuse("an object that only looks like a URL");
    refuseExtras(value as URL, "a URL", encoding);
    if (parse(href) === undefined) return encoding.refuse("a URL that does not read back", "pass its href as a string");
    return { href };
  },
  make(members, decoding) {
    return parse(stringOf(members, "href", decoding)) ?? decoding.malformed("a url is not in its normal form");
  },
};

function hrefOf(value: unknown): string | undefined {
  try {
    return (value as URL).href;
  } catch {
    return undefined;
  }
}

/** The URL, when it reads back as exactly this text. */
function parse(href: string): URL | undefined {
  if (!URL.canParse(href)) return undefined;
  const url = new URL(href);
  return url.href === href ? url : undefined;
}
