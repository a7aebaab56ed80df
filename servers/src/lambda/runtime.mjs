// One invocation of a bundled Lambda function, in a process of its own.  node runtime.mjs BUNDLE HANDLER
// Told { event, context, timeoutMs } once it is ready, it answers with what the handler returned or threw.
import { pathToFileURL } from "node:url";

const [bundle, handlerName] = process.argv.slice(2);
// Whoever invoked it is gone: nobody would end it.
process.on("disconnect", () => process.exit(1));

// Ends the process too, so the answer must be on its way before.
const answer = (message) => process.send(message, () => {});
const thrown = (error) => ({
  error: {
    errorType: error?.name ?? typeof error,
    errorMessage: String(error?.message ?? error),
    trace: String(error?.stack ?? "").split("\n"),
  },
});
// What Lambda reports as Runtime.UnhandledPromiseRejection and the like.
process.on("uncaughtException", (error) => answer(thrown(error)));

try {
  const begin = performance.now();
  const { [handlerName]: handler } = await import(pathToFileURL(bundle).href);
  if (typeof handler !== "function") throw new TypeError(`${bundle} exports no function ${handlerName}`);
  process.once("message", async ({ event, context, timeoutMs }) => {
    const end = performance.now() + timeoutMs;
    const getRemainingTimeInMillis = () => Math.max(0, Math.floor(end - performance.now()));
    try {
      // Through JSON, as between Lambda and a function.
      const response = await handler(event, { ...context, getRemainingTimeInMillis });
      answer({ response: response === undefined ? null : JSON.parse(JSON.stringify(response)) });
    } catch (error) {
      answer(thrown(error));
    }
  });
  answer({ ready: true, initMs: performance.now() - begin });
} catch (error) {
  answer(thrown(error));
}
