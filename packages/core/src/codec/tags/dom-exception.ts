import { optional, pairs, stringOf, type Tag, value } from "../tag.js";
import { errorSegment } from "./error.js";
import { errorProperties, restoreHidden, restoreProperties, withoutEmpty } from "./error-properties.js";

/** Own properties that are hidden on an ordinary DOMException. */
const NAMED = ["stack", "cause"] as const;

/** What aborted signals and timeouts are made of. Its name and message cannot be set later, so no cycle leads through it. */
export const domExceptionTag: Tag = {
  name: "dom-exception",
  members: {
    name: value,
    message: value,
    stack: optional(value),
    cause: optional(value),
    properties: optional(pairs),
    hidden: optional(pairs),
  },
  take(value, encoding) {
    const exception = value as DOMException & { cause?: unknown };
    const said = nameAndMessage(exception);
    if (said === undefined) return encoding.refuse("an object that only looks like a DOMException");
    const named: Record<string, unknown> = {};
    for (const key of NAMED) {
      if (Object.hasOwn(exception, key)) named[key] = exception[key];
    }
    return { ...said, ...named, ...withoutEmpty(errorProperties(exception, named, encoding)) };
  },
  make(members, decoding) {
    const exception = new DOMException(stringOf(members, "message", decoding), stringOf(members, "name", decoding));
    for (const key of NAMED) restoreHidden(exception, members, key);
    restoreProperties(exception, members, decoding);
    return exception;
  },
  segment: errorSegment,
};

/** Both come from the prototype's getters, which refuse everything that is no DOMException. */
function nameAndMessage(exception: DOMException): { name: unknown; message: unknown } | undefined {
  try {
    return {
      name: Reflect.get(DOMException.prototype, "name", exception),
      message: Reflect.get(DOMException.prototype, "message", exception),
    };
  } catch {
    return undefined;
  }
}
