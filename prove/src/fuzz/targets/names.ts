import { posix } from "node:path";
import { hasCode } from "@agenthandoff/core";
import {
  derivedTaskId,
  parseAnyTaskId,
  parseRelayId,
  parseTaskId,
} from "../../../../packages/core/src/protocol/ids.js";
import { createKeys, type Keys } from "../../../../packages/core/src/protocol/keys.js";
import { fileNameOf } from "../../../../packages/core/src/runtime/task/export.js";
import { law, type Target } from "../target.js";

const keys = createKeys({ relayId: "relay", prefix: "a/b/" });
/** What Windows takes for a device, whatever stands behind the point. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/;

/** Ids, keys and file names, of one text. */
export const namesTarget: Target = {
  name: "names",
  seeds: async () =>
    [
      keys.slot("Orders-42", 7),
      keys.blob("t.3.1", "ab".repeat(32)),
      `${keys.runs("t", 3)}thread/x.json`,
      "t",
      "a/b/",
    ].map((seed) => Buffer.from(seed)),
  words: [
    ...["../", "..", "./", ".", "//", "/", "\\", "%2e%2e%2f", "\u0000", "\n", "\r", " ", "~", "%", "%41", "A", ":"],
    ...["\u202e", "e\u0301", "é", "\ufeff", ".ndjson.gz", "0000000004", "9999999999", "con", "nul.", "aux", "com1"],
    ...["relay/slots/", "relay/blobs/", "relay/runs/", "a/b/", "x.", ".part", "t", "con.1.0", "__proto__", "K"],
  ],
  run(input) {
    const text = Buffer.from(input).toString("utf8");
    checkSlot(text);
    checkFileName(text);
    for (const use of [asTaskId, asRelayId, asPrefix]) tolerate(() => use(text));
  },
};

/** Errors of the library are what is expected; the other uses of the text are still to be tried. */
function tolerate(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!hasCode(error, "INVALID_ID")) throw error;
  }
}

function checkSlot(key: string): void {
  const slot = keys.parseSlot(key);
  law(slot === undefined || keys.slot(slot.taskId, slot.hop) === key, "a slot's key says what it was made of");
}

function checkFileName(key: string): void {
  // Keys are printable ASCII by the contract of stores.
  if (!/^[!-~]+$/.test(key)) return;
  const name = fileNameOf(key);
  law(decodeURIComponent(name.replaceAll("%/", "/").replace(/%$/, "")) === key, "a file's name says what its key is");
  law(name === name.toLowerCase(), "file names differ in more than case");
  law(posix.join("/x", name) === `/x/${name}`, "an exported file lies inside its directory, under its own name");
  const parts = name.split("/");
  law(!parts.some((part) => DEVICE.test(part) || part.endsWith(".")), "a file has a name that every system can keep");
}

function asTaskId(text: string): void {
  const id = parseAnyTaskId(text);
  law(derivedTaskId(id, 0, 0) === parseAnyTaskId(derivedTaskId(id, 0, 0)), "a derived id is an id");
  checkKeys(keys, id, "a/b/");
  parseTaskId(text);
}

function asRelayId(text: string): void {
  checkKeys(createKeys({ relayId: parseRelayId(text) }), "t", "");
}

function asPrefix(text: string): void {
  checkKeys(createKeys({ relayId: "relay", prefix: text }), "t", text);
}

function checkKeys(made: Keys, taskId: string, prefix: string): void {
  const slot = made.slot(taskId, 3);
  law(
    slot.startsWith(prefix) && slot.length <= 512 && /^[!-~]+$/.test(slot),
    "a key is an ASCII path under its prefix",
  );
  law(made.parseSlot(slot)?.taskId === taskId, "a key says what it was made of");
  for (const key of [slot, made.blobs(taskId), made.runs(taskId, 1)])
    law(posix.normalize(key) === key.replace(/^\/+/, "/"), "a key leads nowhere else");
}
