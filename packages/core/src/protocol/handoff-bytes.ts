import { type Json, stringifyJson } from "../codec/index.js";
import { ContextIntegrityError, NotUnderstoodError } from "../errors/index.js";
import type { EntryLine, HandoffRecord, StoredHandoff } from "./handoff.js";
import { sha256 } from "./hash.js";
import { newerVersion, parseObjectLine } from "./json-line.js";
import { ENTRY_KINDS } from "./schemas.js";
import { entryWire, handoffWire } from "./wire.js";

const LF = 0x0a;
const LINE = "a line of a stored handoff";
/** `requires` names that this version understands. */
const UNDERSTOOD_FEATURES: ReadonlySet<unknown> = new Set();

/**
 * The bytes of a handoff: its record, then its entries, one line each, every line ended by one LF.
 * @throws NotSerializableError when a reader would refuse them
 */
export function serializeHandoff(record: HandoffRecord, entries: readonly EntryLine[]): StoredHandoff {
  const lines = [handoffWire.toJson(record), ...entries.map((entry) => entryWire.toJson(entry))];
  // Line by line: all of them may be longer than a string can be. Then a copy out of Node's pool of small buffers:
  // chains keep every handoff in memory, and each would keep its neighbours' bytes too.
  const raw = new Uint8Array(Buffer.concat(lines.map((line) => Buffer.from(`${stringifyJson(line)}\n`, "utf8"))));
  return { record, raw, sha256: sha256(raw) };
}

/**
 * Reads the record of a handoff; its entries are read when somebody asks for them.
 * @throws ContextIntegrityError when the bytes are not a handoff
 * @throws NotUnderstoodError when a newer version wrote it
 */
export function parseHandoff(raw: Uint8Array): StoredHandoff {
  if (raw[raw.length - 1] !== LF) throw new ContextIntegrityError("a stored handoff does not end with a line feed");
  const json = parseObjectLine(raw.subarray(0, raw.indexOf(LF)), LINE);
  refuseNewer(json);
  const reading = handoffWire.fromJson(json);
  if ("wrong" in reading) {
    throw new ContextIntegrityError(`a stored handoff has missing or wrong fields: ${reading.wrong}`);
  }
  return { record: reading.value, raw, sha256: sha256(raw) };
}

function refuseNewer(json: { readonly [name: string]: Json }): void {
  const newer = newerVersion(json);
  if (newer !== undefined) throw new NotUnderstoodError(`handoff version ${newer}`);
  const { requires } = json;
  if (!Array.isArray(requires)) return;
  const unknown: unknown = requires.find((each) => typeof each === "string" && !UNDERSTOOD_FEATURES.has(each));
  if (typeof unknown === "string") {
    throw new NotUnderstoodError(`a handoff that requires ${stringifyJson(unknown.slice(0, 64))}`);
  }
}

/**
 * The entries of a handoff, in order. Lines of a kind that this version does not know are passed over; their bytes stay.
 * @throws ContextIntegrityError when a line is malformed
 */
export function parseEntries(raw: Uint8Array): EntryLine[] {
  const entries: EntryLine[] = [];
  let start = raw.indexOf(LF) + 1;
  while (start < raw.length) {
    const end = raw.indexOf(LF, start);
    if (end === -1) throw new ContextIntegrityError("a stored handoff does not end with a line feed");
    const entry = parseEntry(parseObjectLine(raw.subarray(start, end), LINE));
    if (entry !== undefined) entries.push(entry);
    start = end + 1;
  }
  return entries;
}

function parseEntry(json: { readonly [name: string]: Json }): EntryLine | undefined {
  const { kind } = json;
  if (typeof kind !== "string") throw new ContextIntegrityError(`${LINE} has no kind`);
  // Who reads these lines with a tool for JSON must not find two records.
  if (kind === "handoff") throw new ContextIntegrityError("a stored handoff has a second record");
  if (!ENTRY_KINDS.has(kind)) return undefined;
  const reading = entryWire.fromJson(json);
  if ("wrong" in reading) {
    throw new ContextIntegrityError(`a stored ${kind} entry has missing or wrong fields: ${reading.wrong}`);
  }
  return reading.value;
}
