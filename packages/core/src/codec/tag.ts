import type { BlobReference } from "./blob.js";

/**
 * How one member of a tagged object is written.
 * `json` as it stands · `value` encoded · `values` an array of encoded values · `pairs` an array of encoded pairs.
 */
export type MemberKind = "json" | "value" | "values" | "pairs";

export interface MemberSpec {
  readonly kind: MemberKind;
  readonly optional?: boolean;
}

/** The members of a tagged object, before encoding or after decoding. */
export type Members = Readonly<Record<string, unknown>>;

/** Where a value stands inside the members of its tagged object. */
export interface Slot {
  readonly member: string;
  readonly kind: MemberKind;
  readonly index: number;
  /** Of a pair: 0 is the key, 1 the value. */
  readonly part: 0 | 1;
}

/** What a tag may ask for while it takes a value apart. */
export interface Encoding {
  /** Throws `NotSerializableError` with the path of the value at hand, or of its property `key`. */
  refuse(what: string, hint?: string, key?: string | number): never;
  /** Offers bytes to the caller as a blob; `undefined` when they should stay inline. */
  offerBlob(bytes: Uint8Array): BlobReference | undefined;
  /** Reports that the value needs this registered class to be read. */
  useClass(name: string): void;
}

/** What a tag may ask for while it puts a value together. */
export interface Decoding {
  /** Throws `ContextIntegrityError` with the path of the tagged object at hand. */
  malformed(what: string, cause?: unknown): never;
  readBlob(reference: BlobReference): Uint8Array;
}

/**
 * One row of the table: how values of one kind are taken apart and put together again.
 * With `open`, an empty value is made first and filled later, so that cycles may lead through it.
 */
export interface Tag {
  readonly name: string;
  readonly members: Readonly<Record<string, MemberSpec>>;
  take(value: unknown, encoding: Encoding): Members;
  /** Sees the `json` members only. */
  readonly open?: (members: Members, decoding: Decoding) => object;
  /** With `open`: fills what it made, and what is returned is not looked at. */
  make(members: Members, decoding: Decoding, opened: object | undefined): unknown;
  /** How a part of the value is called in the path of an error. */
  readonly segment?: (slot: Slot, members: Members) => string;
}

export const json: MemberSpec = { kind: "json" };
export const value: MemberSpec = { kind: "value" };
export const values: MemberSpec = { kind: "values" };
export const pairs: MemberSpec = { kind: "pairs" };

export function optional(member: MemberSpec): MemberSpec {
  return { ...member, optional: true };
}

/** The pairs of a decoded member; none where an optional member is missing. */
export function pairsOf(members: Members, name: string): readonly (readonly [unknown, unknown])[] {
  return (members[name] ?? []) as readonly (readonly [unknown, unknown])[];
}

/** A member that must be a string. */
export function stringOf(members: Members, name: string, decoding: Decoding): string {
  const member = members[name];
  return typeof member === "string" ? member : decoding.malformed(`"${name}" is not a string`);
}
