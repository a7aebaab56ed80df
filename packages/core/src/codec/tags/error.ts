import { segment } from "../path.js";
import {
  type Encoding,
  json,
  type Members,
  optional,
  pairs,
  pairsOf,
  type Slot,
  stringOf,
  type Tag,
  value,
} from "../tag.js";
import { errorProperties, restoreHidden, restoreProperties, withoutEmpty } from "./error-properties.js";
import { defaultOf, ERROR_TYPES, kindOfError, nameClass } from "./error-types.js";

/** Own properties that are hidden on an ordinary error, each a member of its own. */
const NAMED = ["name", "message", "stack", "cause", "errors"] as const;

/** What a subclass may say through its prototype, where its instances have no such property of their own. */
const INHERITED = ["name", "message", "code"] as const;

export const errorTag: Tag = {
  name: "error",
  members: {
    type: json,
    class: optional(value),
    name: optional(value),
    message: optional(value),
    stack: optional(value),
    cause: optional(value),
    errors: optional(value),
    properties: optional(pairs),
    hidden: optional(pairs),
  },
  take(error, encoding) {
    return takeError(error as Error, encoding);
  },
  open(members, decoding) {
    const type = ERROR_TYPES.get(stringOf(members, "type", decoding));
    if (type === undefined) return decoding.malformed("the type of an error is not a built-in one");
    const error = type === (AggregateError as unknown) ? new AggregateError([]) : new type();
    // Where it was made says nothing, and it would be put into words once it is replaced: by then with a name and a
    // message that may be no texts.
    Reflect.deleteProperty(error, "stack");
    return error;
  },
  make(members, decoding, opened) {
    const error = opened as Error;
    if (Object.hasOwn(members, "class")) {
      nameClass(error, error.constructor as ErrorConstructor, stringOf(members, "class", decoding));
    }
    for (const key of NAMED) restoreHidden(error, members, key);
    restoreProperties(error, members, decoding);
  },
  segment: errorSegment,
};

function takeError(error: Error, encoding: Encoding): Members {
  const { type, className } = kindOfError(error);
  const named: Record<string, unknown> = {};
  for (const key of NAMED) {
    const own = ownProperty(error, key, encoding);
    // Newer versions of V8 make the stack an accessor.
    if (own !== undefined && !own.enumerable && ("value" in own || key === "stack")) named[key] = error[key as "cause"];
  }
  const lists = errorProperties(error, named, encoding);
  for (const key of INHERITED) {
    if (Object.hasOwn(error, key)) continue;
    const said = (error as unknown as Record<string, unknown>)[key];
    if (said === defaultOf(type, key)) continue;
    if (key === "code") lists.hidden.push([key, said]);
    else named[key] = said;
  }
  return { type, ...(className !== undefined && { class: className }), ...named, ...withoutEmpty(lists) };
}

/** To read a stack for the first time puts it into words, which fails where the message is a symbol. */
function ownProperty(error: Error, key: string, encoding: Encoding): PropertyDescriptor | undefined {
  try {
    return Object.getOwnPropertyDescriptor(error, key);
  } catch {
    return encoding.refuse("an error that cannot be put into words", "its name and message must be texts", key);
  }
}

export function errorSegment(slot: Slot, members: Members): string {
  if (slot.kind !== "pairs") return segment(slot.member);
  return segment(String(pairsOf(members, slot.member)[slot.index]?.[0]));
}
