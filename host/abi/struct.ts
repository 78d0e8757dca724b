/**
 * The one way to declare a layout or a set of constants that several languages share.
 *
 * A declaration has three readers: TypeScript takes typed offsets and views from it, the
 * AssemblyScript core and the assembler take its symbols (`IP_RECEIVER`, `SIZEOF_IPC_PORT`) through
 * `host/generate.ts` and `abiSymbols()`. Guest memory is big-endian; fields are naturally aligned
 * unless a `pad` says otherwise. Views hold no values: they read and write guest memory.
 */

export type ScalarType = "u8" | "u16" | "u32";
/** A scalar, or an array of `n` scalars. */
export type FieldType = ScalarType | readonly [ScalarType, number];

const SCALAR_SIZE: Record<ScalarType, number> = { u8: 1, u16: 2, u32: 4 };

/** Byte-addressed big-endian guest memory, as views need it. */
export interface Bytes {
  read8(address: number): number;
  read16(address: number): number;
  read32(address: number): number;
  write8(address: number, value: number): void;
  write16(address: number, value: number): void;
  write32(address: number, value: number): void;
}

/** Bytes of the host as views need them: a disk block, a piece of guest memory that was copied out. */
export class ArrayBytes implements Bytes {
  declare readonly bytes: Uint8Array;
  readonly #view: DataView;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  read8(address: number): number {
    return this.#view.getUint8(address);
  }
  read16(address: number): number {
    return this.#view.getUint16(address);
  }
  read32(address: number): number {
    return this.#view.getUint32(address);
  }
  write8(address: number, value: number): void {
    this.#view.setUint8(address, value);
  }
  write16(address: number, value: number): void {
    this.#view.setUint16(address, value);
  }
  write32(address: number, value: number): void {
    this.#view.setUint32(address, value);
  }
}

type Fields = Record<string, FieldType>;
type ScalarFields<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends ScalarType ? K : never]: number;
};

/** Typed access to one structure in guest memory; array fields are reached by `addressOf`. */
export type View<F extends Fields> = ScalarFields<F> & {
  readonly address: number;
  addressOf(field: keyof F & string): number;
};

export interface Struct<F extends Fields = Fields> {
  readonly name: string;
  /** Prefix of the assembler's symbols. */
  readonly prefix: string;
  readonly size: number;
  readonly fields: F;
  readonly offset: { readonly [K in keyof F]: number };
  /** A view of the structure at `address`; costs one small object and copies nothing. */
  at(memory: Bytes, address: number): View<F>;
}

interface Placed {
  readonly memory: Bytes;
  readonly address: number;
}

/** Accessors of a scalar at an offset. They name their operation: one found by its name takes ten times as long. */
const ACCESS: Record<ScalarType, (position: number) => PropertyDescriptor & ThisType<Placed>> = {
  u8: (position) => ({
    get() {
      return this.memory.read8(this.address + position);
    },
    set(value: number) {
      this.memory.write8(this.address + position, value);
    },
  }),
  u16: (position) => ({
    get() {
      return this.memory.read16(this.address + position);
    },
    set(value: number) {
      this.memory.write16(this.address + position, value);
    },
  }),
  u32: (position) => ({
    get() {
      return this.memory.read32(this.address + position);
    },
    set(value: number) {
      this.memory.write32(this.address + position, value);
    },
  }),
};

/**
 * Declares a structure. Offsets follow from the order; `offsets` pins a field where an outside
 * layout fixes it (a gap is allowed, an overlap is not).
 * @throws Error on a duplicate field, a misaligned or overlapping pin.
 */
export function struct<const F extends Fields>(
  name: string,
  prefix: string,
  fields: F,
  options: { readonly at?: Partial<Record<keyof F & string, number>>; readonly size?: number } = {},
): Struct<F> {
  const offset: Record<string, number> = {};
  let next = 0;
  for (const [field, type] of Object.entries(fields)) {
    const [scalar, count] = typeof type === "string" ? [type, 1] : type;
    const size = SCALAR_SIZE[scalar];
    const aligned = Math.ceil(next / size) * size;
    const pinned = options.at?.[field as keyof F & string];
    if (pinned !== undefined && (pinned < next || pinned % size !== 0))
      throw new Error(`${name}.${field}: offset ${pinned} overlaps or is misaligned`);
    const position = pinned ?? aligned;
    offset[field] = position;
    next = position + size * count;
  }
  const natural = Math.ceil(next / 4) * 4;
  if (options.size !== undefined && options.size < natural)
    throw new Error(`${name}: ${natural} bytes do not fit in ${options.size}`);
  const size = options.size ?? natural;

  class StructView implements Placed {
    // Declared only, as in ArrayBytes: to define them first would take as long again as all of the rest.
    declare readonly memory: Bytes;
    declare readonly address: number;
    constructor(memory: Bytes, address: number) {
      this.memory = memory;
      this.address = address;
    }
    addressOf(field: string): number {
      return this.address + offset[field]!;
    }
  }
  for (const [field, type] of Object.entries(fields))
    if (typeof type === "string")
      Object.defineProperty(StructView.prototype, field, ACCESS[type](offset[field]!));
  return {
    name,
    prefix,
    size,
    fields,
    offset: offset as Struct<F>["offset"],
    at: (memory, address) => new StructView(memory, address) as unknown as View<F>,
  };
}

/**
 * Symbols of a structure: `PREFIX_FIELD` for each field (`FIELD` alone where Mach's field names
 * carry their prefix already, as in `ip_receiver`), `SIZEOF_NAME` for the whole.
 */
export function structSymbols({ name, prefix, offset, size }: Struct): Record<string, number> {
  const symbols: Record<string, number> = { [`SIZEOF_${name.toUpperCase()}`]: size };
  for (const [field, position] of Object.entries(offset))
    symbols[`${prefix}${prefix && "_"}${field.toUpperCase()}`] = position as number;
  return symbols;
}

/** Fields of one word each. */
export const words = <const N extends string>(...names: N[]): Record<N, "u32"> =>
  Object.fromEntries(names.map((name) => [name, "u32"])) as Record<N, "u32">;

/** A set of named constants, normalised to unsigned 32-bit. `prefix` is put before each symbol. */
export interface Numbers<N extends Record<string, number> = Record<string, number>> {
  readonly prefix: string;
  readonly values: Readonly<N>;
}

/** Named, so that declaration files of other modules can say it. */
export interface Declared {
  readonly [SYMBOLS]: Numbers;
}

export function numbers<const N extends Record<string, number>>(
  prefix: string,
  values: N,
): N & Declared {
  const unsigned = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, v >>> 0]));
  return Object.assign(unsigned, { [SYMBOLS]: { prefix, values: unsigned } }) as unknown as N &
    Declared;
}

/** Where `numbers()` keeps what the generators read. */
export const SYMBOLS: unique symbol = Symbol("symbols");

/** Merges symbol tables and refuses a name that is declared twice. */
export function mergeSymbols(tables: readonly Record<string, number>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const table of tables)
    for (const [name, value] of Object.entries(table)) {
      if (name in all) throw new Error(`symbol declared twice: ${name}`);
      all[name] = value >>> 0;
    }
  return all;
}
