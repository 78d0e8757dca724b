/**
 * Assembly text as a program to be looked at: assembled, linked and run as `inkwell link` and
 * `inkwell exec --bare` do it, so that the cycles are theirs; every instruction noted; and the machine as
 * it was at any cycle. Going back is running again to an earlier cycle: the machine is deterministic, and
 * a program of a page takes milliseconds.
 */
import { abiSymbols } from "../abi/index.ts";
import { CR, PSW } from "../abi/pa.ts";
import { assemble } from "../asm/assemble.ts";
import { disassemble } from "../asm/disassemble.ts";
import { writeExecutable } from "../asm/elf/write-executable.ts";
import type { Image } from "../asm/image.ts";
import { link } from "../asm/link.ts";
import { BARE } from "../bare/layout.ts";
import { physicalOf } from "../bare/page-table.ts";
import { type BareResult, type Observed, runBare } from "../bare/run.ts";
import { NO_FILES } from "../bare/surroundings.ts";
import { resolveMachine } from "../bench/request.ts";
import { type Diagnostic, DiagnosticError } from "../diagnostic.ts";
import { CYCLE_CAUSES } from "../machine/counters.ts";
import { VERSION } from "../version.ts";
import type { Counters, Machine } from "../machine/machine.ts";

export interface AssemblyRequest {
  readonly source: string;
  readonly preset?: string;
  readonly set?: readonly string[];
}

/** An instruction of the program's text. */
export interface ListedInstruction {
  readonly address: number;
  readonly word: number;
  readonly text: string;
  /** The label in front of it. */
  readonly label: string | undefined;
  /** Line of the source, from 1. */
  readonly line: number | undefined;
  /** How often it ran in what was noted, and the cycles from its begin to the next one's. */
  readonly times: number;
  readonly cycles: number;
}

/** What ran, instruction by instruction: columns of one table. */
export interface AssemblyTrace {
  /** Cycle at which each began. */
  readonly cycle: Float64Array;
  readonly address: Uint32Array;
  /** 0 in the gateway page and TLB handlers under the program, which are in space 0. */
  readonly own: Uint8Array;
  /** Instructions that ran after the table was full. */
  readonly dropped: number;
}

export interface AssemblyRun {
  readonly version: string;
  readonly command: string;
  readonly listing: readonly ListedInstruction[];
  readonly trace: AssemblyTrace;
  readonly output: string;
  readonly ending: BareResult["ending"];
  readonly cycles: number;
  readonly instructions: number;
  readonly causes: readonly { readonly cause: string; readonly cycles: number }[];
  readonly counters: Counters;
  readonly calls: BareResult["calls"];
}

/** What is wrong with the text; when nothing is, the run. */
export interface AssemblyAnswer {
  readonly problems: readonly Diagnostic[];
  readonly run: AssemblyRun | undefined;
}

/** The machine between two instructions. */
export interface MachineState {
  readonly cycle: number;
  readonly instructions: number;
  readonly registers: readonly number[];
  readonly shiftAmount: number;
  readonly carryBits: number;
  readonly address: number;
  readonly next: number;
  readonly space: number;
  readonly level: number;
  readonly output: string;
  /** Cycles of the next instruction by cause, what it nullifies included. */
  readonly cost: readonly { readonly cause: string; readonly cycles: number }[];
  readonly causes: readonly { readonly cause: string; readonly cycles: number }[];
  /** The program's data, and the top of its stack. */
  readonly memory: readonly MemoryPart[];
}

export interface MemoryPart {
  readonly title: string;
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Names of the command line's files. */
const [SOURCE, PROGRAM] = ["prog.s", "prog"];
const TEXT = 0x10000;
/** Instructions that are noted. */
const NOTED = 20_000;
/** A program that takes more is stopped, and the command line given says so. */
const MOST_CYCLES = 50_000_000;
/** Of data and stack that are shown. */
const [DATA_BYTES, STACK_BYTES] = [256, 64];

export async function runAssembly(request: AssemblyRequest): Promise<AssemblyAnswer> {
  try {
    return { problems: [], run: await noted(request) };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { problems: error.diagnostics, run: undefined };
  }
}

/** The machine at the first boundary between instructions at or after a cycle. */
export async function assemblyState(
  request: AssemblyRequest,
  cycle: number,
): Promise<MachineState> {
  const ran = await run(request, { maxCycles: Math.max(1, cycle) });
  return stateOf(ran);
}

/** The machine's whole state there, as a file for `Machine.restored`. */
export async function assemblySnapshot(
  request: AssemblyRequest,
  cycle: number,
): Promise<Uint8Array> {
  const { machine } = (await run(request, { maxCycles: Math.max(1, cycle) })).observed;
  return machine.save();
}

/** The program as an ELF file. */
export function assemblyProgram({ source }: AssemblyRequest): Uint8Array {
  return programOf(source).bytes;
}

function programOf(source: string): { readonly image: Image; readonly bytes: Uint8Array } {
  const object = assemble({ file: SOURCE, text: source }, { symbols: abiSymbols() });
  const starts = object.symbols.some(
    ({ name, binding, place }) => name === "_start" && binding !== "local" && place !== "undefined",
  );
  if (!starts) {
    const message = "no _start: say where the program begins, with .globl _start and a label";
    throw new DiagnosticError([{ file: SOURCE, line: 0, column: 0, message }]);
  }
  const image = link([object], { text: TEXT, entry: "_start" });
  return { image, bytes: writeExecutable(image, TEXT) };
}

interface Ran {
  readonly observed: Observed;
  readonly image: Image;
  readonly result: BareResult;
  readonly output: string;
}

async function run(
  { source, preset, set }: AssemblyRequest,
  options: {
    readonly maxCycles: number;
    readonly observe?: (observed: Observed) => void;
  },
): Promise<Ran> {
  const { image, bytes } = programOf(source);
  const { machine } = resolveMachine({ ...(preset !== undefined && { preset }), ...(set && { set }) }); // prettier-ignore
  let observed: Observed | undefined;
  let output = "";
  const decoder = new TextDecoder();
  const result = await runBare({
    program: { file: PROGRAM, bytes },
    arguments: [PROGRAM],
    world: {
      readInput: () => new Uint8Array(0),
      write: (_, written) => void (output += decoder.decode(written, { stream: true })),
      files: NO_FILES,
    },
    machine,
    maxCycles: options.maxCycles,
    observe: (at) => {
      observed = at;
      options.observe?.(at);
    },
  });
  return { observed: observed!, image, result, output };
}

async function noted(request: AssemblyRequest): Promise<AssemblyRun> {
  const cycle: number[] = [];
  const address: number[] = [];
  const own: number[] = [];
  let dropped = 0;
  const { image, result, output } = await run(request, {
    maxCycles: MOST_CYCLES,
    observe: ({ machine }) =>
      machine.trace((at, space, when) => {
        if (cycle.length >= NOTED) {
          dropped++;
          return;
        }
        cycle.push(when);
        address.push((at & ~3) >>> 0);
        own.push(Number(space === BARE.BARE_SPACE));
      }),
  });
  const { ending, cycles, instructions, counters, calls } = result;
  const trace = {
    cycle: Float64Array.from(cycle),
    address: Uint32Array.from(address),
    own: Uint8Array.from(own),
    dropped,
  };
  return {
    version: VERSION,
    command: commandOf(request, ending.kind === "stopped"),
    listing: listingOf(image, trace, cycles),
    trace,
    output,
    ending,
    cycles,
    instructions,
    causes: causesOf(counters),
    counters,
    calls,
  };
}

function commandOf({ preset, set }: AssemblyRequest, stopped: boolean): string {
  return [
    `inkwell link -o ${PROGRAM} ${SOURCE} && npx inkwell exec --bare --stats ${PROGRAM}.json`,
    ...(preset ? [`--preset ${preset}`] : []),
    ...(set ?? []).map((pair) => `--set ${pair}`),
    ...(stopped ? [`--max-cycles ${MOST_CYCLES}`] : []),
    PROGRAM,
  ].join(" ");
}

function listingOf(image: Image, trace: AssemblyTrace, end: number): ListedInstruction[] {
  const seen = new Map<number, { times: number; cycles: number }>();
  trace.address.forEach((at, i) => {
    if (trace.own[i] === 0) return;
    const known = seen.get(at) ?? { times: 0, cycles: 0 };
    seen.set(at, known);
    known.times++;
    known.cycles += (trace.cycle[i + 1] ?? (trace.dropped ? trace.cycle[i]! : end)) - trace.cycle[i]!; // prettier-ignore
  });
  const labels = new Map([...image.symbols].map(([name, at]) => [at, name]));
  return image.segments
    .filter(({ executable }) => executable)
    .flatMap(({ address: base, bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      return Array.from({ length: bytes.length >>> 2 }, (_, i): ListedInstruction => {
        const address = base + 4 * i;
        const word = view.getUint32(4 * i);
        return {
          address,
          word,
          text: disassemble(word, address, (at) => labels.get(at)),
          label: labels.get(address),
          line: image.line(address)?.line,
          ...(seen.get(address) ?? { times: 0, cycles: 0 }),
        };
      });
    });
}

function causesOf(counters: Counters, before?: Counters) {
  return CYCLE_CAUSES.map((cause) => ({
    cause,
    cycles: counters[cause] - (before?.[cause] ?? 0),
  })).filter(({ cycles }) => cycles > 0);
}

function stateOf({ observed: { machine }, image, output }: Ran): MachineState {
  const counters = machine.counters();
  const { cycles } = machine;
  const { frontOffset, backOffset, frontSpace } = machine.pcoq;
  const registers = Array.from({ length: 32 }, (_, number) => machine.gr(number));
  const state = {
    cycle: cycles,
    instructions: counters.instructions,
    registers,
    shiftAmount: machine.cr(CR.CR_SAR),
    carryBits: (machine.psw & PSW.PSW_CB) >>> 8,
    address: (frontOffset & ~3) >>> 0,
    next: (backOffset & ~3) >>> 0,
    space: frontSpace,
    level: frontOffset & 3,
    output,
    causes: causesOf(counters),
    memory: memoryOf(machine, image, registers[30]!),
  };
  machine.step();
  return { ...state, cost: causesOf(machine.counters(), counters) };
}

function initialByte({ segments }: Image, address: number): number {
  const inside = segments.find((each) => address >= each.address && address < each.address + each.bytes.length); // prettier-ignore
  return inside?.bytes[address - inside.address] ?? 0;
}

function memoryOf(machine: Machine, image: Image, stack: number): MemoryPart[] {
  const data = image.segments
    .filter(({ executable }) => !executable)
    .map(({ name, address, size }) => ({ title: name, address, length: Math.min(size, DATA_BYTES) })); // prettier-ignore
  const top = { title: "stack", address: (stack - STACK_BYTES) >>> 0, length: STACK_BYTES };
  return [...data, top].map(({ title, address, length }) => {
    // A page that was not touched yet is as the program's file has it.
    const bytes = Uint8Array.from({ length }, (_, i) => {
      const physical = physicalOf(machine, address + i);
      return physical === undefined
        ? initialByte(image, address + i)
        : machine.memory.bytes(physical, 1)[0]!;
    });
    return { title, address, bytes };
  });
}
