/**
 * Register names of HP's assembly syntax, both ways.
 *
 * Reading accepts every name that GNU as knows (2.40), printing gives GNU objdump's, without the
 * percent sign. Kinds are kept apart here; GNU as lets any register stand for its number.
 */

export type RegisterKind = "general" | "float" | "space" | "control";

export interface Register {
  readonly kind: RegisterKind;
  readonly number: number;
  /** Half of a floating-point register: 1 when the name ends in R. */
  readonly half: 0 | 1;
}

const GENERAL_ALIASES: Readonly<Record<string, number>> = {
  rp: 2,
  mrp: 31,
  t4: 19,
  t3: 20,
  t2: 21,
  t1: 22,
  arg3: 23,
  arg2: 24,
  arg1: 25,
  arg0: 26,
  dp: 27,
  ret0: 28,
  ret1: 29,
  sp: 30,
};

/** Control registers by number; `crN` where the architecture gives no name. */
const CONTROL_NAMES: readonly string[] = (
  "rctr cr1 cr2 cr3 cr4 cr5 cr6 cr7 pidr1 pidr2 ccr sar pidr3 pidr4 iva eiem " +
  "itmr pcsq pcoq iir isr ior ipsw eirr tr0 tr1 tr2 tr3 tr4 tr5 tr6 tr7"
).split(" ");

const CONTROL_ALIASES: Readonly<Record<string, number>> = { ppda: 24, hta: 25 };

const FLOAT_ALIASES: Readonly<Record<string, number>> = { farg0: 4, farg1: 5, farg2: 6, farg3: 7 };

function register(kind: RegisterKind, number: number, half: 0 | 1 = 0): Register {
  return { kind, number, half };
}

/** What objdump prints for these GNU as does not read. */
const UNREADABLE = /^(?:cr[1-7]|rctr|ccr)$/;

function entries(
  names: Readonly<Record<string, number>>,
  kind: RegisterKind,
): readonly (readonly [string, Register])[] {
  return Object.entries(names).map(([name, number]) => [name, register(kind, number)]);
}

const NAMES: ReadonlyMap<string, Register> = new Map<string, Register>(
  [
    ...Array.from({ length: 32 }, (_, n) => [
      [`r${n}`, register("general", n)] as const,
      [`fr${n}`, register("float", n)] as const,
      [`fr${n}l`, register("float", n)] as const,
      [`fr${n}r`, register("float", n, 1)] as const,
      [CONTROL_NAMES[n]!, register("control", n)] as const,
      [`cr${n}`, register("control", n)] as const,
    ]).flat(),
    ...Array.from({ length: 8 }, (_, n) => [`sr${n}`, register("space", n)] as const),
    ...entries(GENERAL_ALIASES, "general"),
    ...entries(CONTROL_ALIASES, "control"),
    ...entries(FLOAT_ALIASES, "float"),
  ].filter(([name]) => !UNREADABLE.test(name)),
);

/** The register of a name without its percent sign, in any case; undefined when there is none. */
export function registerNamed(name: string): Register | undefined {
  return NAMES.get(name.toLowerCase());
}

/** A general register as GNU objdump prints it. */
export function generalName(number: number): string {
  return { 2: "rp", 27: "dp", 28: "ret0", 29: "ret1", 30: "sp" }[number] ?? `r${number}`;
}

/** A control register as GNU objdump prints it. */
export function controlName(number: number): string {
  return CONTROL_NAMES[number]!;
}

/** A control register as an assembler reads it: with a percent sign, or a number where it has no name. */
export function controlText(number: number): string {
  if (!UNREADABLE.test(CONTROL_NAMES[number]!)) return `%${CONTROL_NAMES[number]}`;
  return number === 0 || number >= 8 ? `%cr${number}` : String(number);
}

/** A floating-point register as GNU objdump prints it: 1–3 hold exception words. */
export function floatName(number: number, half: number): string {
  if (number < 4 && half === 1) return `fpe${2 * number + 1}`;
  if (number > 0 && number < 4) return `fpe${2 * number}`;
  return `fr${number}${half === 1 ? "R" : ""}`;
}
