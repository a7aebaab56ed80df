import { redactText, summarizeError } from "../../../../packages/core/src/runtime/redaction.js";
import { law, type Target } from "../target.js";

/** Texts of errors, which agents and the services they call write, before they are kept. */
export const textTarget: Target = {
  name: "text",
  seeds: async () =>
    [
      "request failed: Authorization: Bearer abcdefghijklmnop, retry",
      "https://user:secret@example.org/x?api_key=abc sk-abcdefghijklmnop1234 AKIAABCDEFGHIJKLMNOP",
      '{"headers":{"x-api-key":"secret","cookie":"a=b"}}',
    ].map((seed) => Buffer.from(seed)),
  words: [
    "authorization",
    "bearer ",
    "basic ",
    "cookie",
    ":",
    "=",
    "://",
    "@",
    "sk-",
    "AKIA",
    '"',
    "\n",
    "a".repeat(64),
  ],
  run(input) {
    const text = Buffer.from(input).toString("utf8");
    const redacted = redactText(text);
    law(redacted.length <= 2_100, "a text is bounded");
    const { name, message } = summarizeError(Object.assign(new Error(text), { name: text, code: text }));
    law(message === redacted && name.length <= 200, "an error is summarized as its text is");
  },
};
