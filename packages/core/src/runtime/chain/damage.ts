import { type HandoffError, hasCode } from "../../errors/index.js";

/** Whether an error says that stored bytes are not what was written, or announce more than anybody may have written. */
export function isDamage(error: unknown): error is HandoffError {
  return (
    hasCode(error, "CONTEXT_INTEGRITY") || hasCode(error, "CONTEXT_TOO_LARGE") || hasCode(error, "CONTEXT_TOO_DEEP")
  );
}

/** Reads something; damage is believed only when a second look, past every cache, finds it again. */
export async function twiceBeforeDamage<T>(read: (options: { readonly fresh: boolean }) => Promise<T>): Promise<T> {
  try {
    return await read({ fresh: false });
  } catch (error) {
    if (!isDamage(error)) throw error;
    return await read({ fresh: true });
  }
}
