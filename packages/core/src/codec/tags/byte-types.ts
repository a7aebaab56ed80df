/** One kind of binary value: how wide its elements are, and how it is made from a buffer of its own. */
export interface ByteType {
  readonly name: string;
  readonly width: number;
  readonly prototype: object;
  /** For what has elements: a view of some of the buffer, or of all of it. */
  from(buffer: ArrayBuffer, byteOffset?: number, length?: number): object;
}

interface ViewConstructor {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: object;
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): object;
}

// Not every supported version of Node has it, and the type library in use does not know it.
const { Float16Array } = globalThis as { Float16Array?: ViewConstructor };

const views: readonly ViewConstructor[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  ...(Float16Array === undefined ? [] : [Float16Array]),
];

/** The closed list of binary values. */
export const BYTE_TYPES: readonly ByteType[] = [
  { name: "ArrayBuffer", width: 1, prototype: ArrayBuffer.prototype, from: (buffer) => buffer },
  { name: "DataView", width: 1, prototype: DataView.prototype, from: (buffer) => new DataView(buffer) },
  { name: "Buffer", width: 1, prototype: Buffer.prototype, from: (...args) => Buffer.from(...args) },
  ...views.map((View) => ({
    name: View.name,
    width: View.BYTES_PER_ELEMENT,
    prototype: View.prototype,
    from: (buffer: ArrayBuffer, byteOffset?: number, length?: number) => new View(buffer, byteOffset, length),
  })),
];

/** Known to the protocol, though this runtime may lack them. */
export const BYTE_TYPE_WIDTHS: ReadonlyMap<string, number> = new Map([
  ...BYTE_TYPES.map((type) => [type.name, type.width] as const),
  ["Float16Array", 2],
]);
