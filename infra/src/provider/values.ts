import { decode, ExtensionCodec, encode } from "@msgpack/msgpack";
import type { Attribute, Block } from "./schema.js";

export type Values = Record<string, unknown>;

const codec = new ExtensionCodec();
codec.register({
  type: 0,
  encode: (value) => (isUnknown(value) ? new Uint8Array([0]) : null),
  decode: () => new Unknown(),
});
// An unknown of which something is known, such as that it is not null.
codec.register({ type: 12, encode: () => null, decode: () => new Unknown() });

class Unknown {
  readonly kind = "unknown";
}
const isUnknown = (value: unknown): boolean => value instanceof Unknown;

export const unpack = (bytes: Uint8Array): Values | null => decode(bytes, { extensionCodec: codec }) as Values | null;

export const pack = (value: unknown): Uint8Array => encode(value, { extensionCodec: codec });

/** Every value of a block, by what `of` makes of it; of blocks within too. */
function mapValues(
  { attributes, blocks }: Block,
  values: Values,
  of: (value: unknown, name: string, attribute: Attribute) => unknown,
): Values {
  const mapped: Values = {};
  for (const [name, attribute] of Object.entries(attributes)) mapped[name] = of(values[name] ?? null, name, attribute);
  for (const [name, nested] of Object.entries(blocks)) {
    const value = values[name];
    const each = (one: unknown) => (isUnknown(one) || one === null ? one : mapValues(nested, one as Values, of));
    mapped[name] = Array.isArray(value) ? value.map(each) : each(value ?? null);
  }
  return mapped;
}

/** What was not given, and AWS decides, is not known yet. */
export const planned = (block: Block, values: Values): Values =>
  mapValues(block, values, (value, _name, { computed }) => (value === null && computed ? new Unknown() : value));

/** What AWS decides, as this stand-in says. */
export const applied = (
  block: Block,
  values: Values,
  decide: (name: string, attribute: Attribute) => unknown,
): Values => mapValues(block, values, (value, name, attribute) => (isUnknown(value) ? decide(name, attribute) : value));
