/**
 * A snippet of assembly text on a bare machine: no kernel, no firmware.
 *
 * Text stands at TEXT, physical and virtual; every `escape N` in it stops the machine. Each vector is
 * an escape too, so an interruption that the test does not handle shows as a stop with the number
 * `INTERRUPTED + n`.
 */
import { abiSymbols } from "../../host/abi/index.ts";
import { assemble } from "../../host/asm/assemble.ts";
import type { Image } from "../../host/asm/image.ts";
import { link } from "../../host/asm/link.ts";
import type { MachineConfig } from "../../host/machine/config.ts";
import type { Engine } from "../../host/machine/core.ts";
import { Machine, type Stop } from "../../host/machine/machine.ts";

export const TEXT = 0x4000;
export const VECTORS = 0x2000;
/** A page of zeros that the snippets use as data. */
export const DATA = 0x1000;
/** Escape numbers of the vectors. */
export const INTERRUPTED = 100;

const BREAK_31 = 0x1f;

export interface ProgramOptions {
  readonly config?: Partial<MachineConfig>;
  /** Values of general registers at the start. */
  readonly registers?: Readonly<Record<number, number>>;
  readonly psw?: number;
  readonly space?: number;
  readonly privilege?: number;
  readonly engine?: Engine;
}

export interface Program {
  readonly machine: Machine;
  readonly image: Image;
  /** Address of a label. */
  symbol(name: string): number;
  /** Runs to the next stop; at most a million cycles unless said otherwise. */
  run(cycles?: number): Stop;
  /** Runs to an escape and returns its number; -1 for anything else. */
  escape(cycles?: number): number;
}

function word(number: number): number {
  return BREAK_31 | (number << 13);
}

/** Loads text, ready to run from its first instruction. */
export async function program(text: string, options: ProgramOptions = {}): Promise<Program> {
  const object = assemble(
    { file: "test.s", text: `\t.text\n${text}\n` },
    { symbols: abiSymbols() },
  );
  const image = link([object], { text: TEXT });
  const machine = await Machine.create(options.config, options.engine);
  for (const { address, bytes, executable } of image.segments) {
    machine.memory.copyIn(address, bytes);
    for (let at = address; executable && at < address + bytes.length; at += 4)
      if ((machine.memory.read32(at) & 0xfc001fff) === BREAK_31) machine.registerEscape(at);
  }
  for (let number = 0; number < 32; number++) {
    machine.memory.write32(VECTORS + 32 * number, word(INTERRUPTED + number));
    machine.registerEscape(VECTORS + 32 * number);
  }
  machine.setCr(14, VECTORS);
  for (const [register, value] of Object.entries(options.registers ?? {}))
    machine.setGr(Number(register), value);
  if (options.psw !== undefined) machine.psw = options.psw;
  machine.jump(options.space ?? 0, TEXT | (options.privilege ?? 0));
  const run = (cycles = 1_000_000): Stop => machine.run({ cycles });
  return {
    machine,
    image,
    symbol(name) {
      const address = image.symbols.get(name);
      if (address === undefined) throw new Error(`no symbol: ${name}`);
      return address;
    },
    run,
    escape(cycles) {
      const stop = run(cycles);
      return stop.reason === "escape" ? stop.number : -1;
    },
  };
}
