/**
 * A program at its start: its segments as areas, its stack, and its registers, as Linux/hppa's execve
 * leaves them. The stack grows up: strings lie lowest, then argc, argv, envp and the auxiliary
 * vector, and the stack pointer above all of it.
 */
import type { ElfFile, ElfSegment } from "../asm/elf/read.ts";
import { signalTrampoline } from "../abi/linux/signal-frame.ts";
import { type StartStack, startStack } from "../abi/linux/start-stack.ts";
import { CR } from "../abi/pa.ts";
import { DiagnosticError } from "../diagnostic.ts";
import type { Backing } from "./areas.ts";
import { queueAt, USER_PSW } from "./context.ts";
import { BARE, PAGE_SIZE, pageOf, pagesUp } from "./layout.ts";
import { CLOCK_TICKS } from "../abi/linux/constants.ts";
import { type Process, USER_ID } from "./process.ts";

const { BARE_SIGRETURN, BARE_SPACE, BARE_STACK, BARE_STACK_LIMIT } = BARE;
/** Below this lies nothing, so that null pointers fault. */
const LOWEST = PAGE_SIZE;
/** The most that arguments and environment may take. */
const MOST_ARGUMENTS = 0x20000;

/** Strings of bytes. */
export interface StartStrings {
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
}

/**
 * Puts a program into a process that has nothing yet, ready to run.
 * @throws DiagnosticError when it does not fit, naming what does not
 */
export function startProgram(p: Process, elf: ElfFile, strings: StartStrings): void {
  const refuse = (message: string): never => {
    throw new DiagnosticError([{ file: elf.file, line: 0, column: 0, message }]);
  };
  for (const { address, size } of elf.segments)
    if (address < LOWEST || address + size > BARE_STACK)
      refuse(`segment outside a program's addresses: 0x${address.toString(16)}`);
  const bytes = elf.segments.reduce((sum, { bytes: { length } }) => sum + pagesUp(length), 0);
  if (bytes > p.memory.limit)
    refuse(`too big for a memory of ${p.machine.memory.size} bytes: ${bytes} bytes`);
  mapSegments(p, elf.segments);
  p.memory.setBreakStart(Math.max(...elf.segments.map(({ address, size }) => address + size)));
  const { bytes: stack, registers } = stackOf(p, elf, strings);
  if (stack.length > MOST_ARGUMENTS)
    refuse(`arguments and environment too long: ${stack.length} bytes`);
  p.memory.map({
    start: BARE_STACK,
    end: BARE_STACK + BARE_STACK_LIMIT,
    access: { read: true, write: true, execute: true },
    position: 0,
  });
  p.memory.copyout(BARE_STACK, stack);
  p.memory.map({
    start: BARE_SIGRETURN,
    end: BARE_SIGRETURN + PAGE_SIZE,
    access: { read: true, write: false, execute: true },
    backing: { read: () => signalTrampoline() },
    position: 0,
  });
  setRegisters(p, elf.entry, registers);
}

/** Segments that share a page share its rights; what they have there, each has put. */
function mapSegments(p: Process, segments: readonly ElfSegment[]): void {
  const backing = segmentBacking(segments);
  for (const { address, size, readable, writable, executable } of segments) {
    const [start, end] = [pageOf(address), pagesUp(address + size)];
    for (let page = start; page < end;) {
      const shared = p.memory.areas.find(page)?.access;
      // Only the first page can be another's too: segments do not overlap.
      const next = shared ? page + PAGE_SIZE : end;
      const access = {
        read: readable || writable || executable || (shared?.read ?? false),
        write: writable || (shared?.write ?? false),
        execute: executable || (shared?.execute ?? false),
      };
      p.memory.map({ start: page, end: next, access, backing, position: page });
      page = next;
    }
  }
}

/** Positions are addresses. */
function segmentBacking(segments: readonly ElfSegment[]): Backing {
  return {
    read(position, length) {
      const result = new Uint8Array(length);
      for (const { address, bytes } of segments) {
        const from = Math.max(position, address);
        const to = Math.min(position + length, address + bytes.length);
        if (from < to) result.set(bytes.subarray(from - address, to - address), from - position);
      }
      return result;
    },
  };
}

function stackOf(p: Process, elf: ElfFile, strings: StartStrings): StartStack {
  return startStack({
    base: BARE_STACK,
    arguments: strings.arguments.map(bytesOf),
    environment: strings.environment.map(bytesOf),
    executable: bytesOf(p.executable),
    random: p.random.bytes(16),
    auxiliary: {
      AT_PHDR: headersAddress(elf),
      AT_PHENT: 32,
      AT_PHNUM: elf.programHeaders.count,
      AT_PAGESZ: PAGE_SIZE,
      AT_BASE: 0,
      AT_FLAGS: 0,
      AT_ENTRY: elf.entry,
      AT_UID: USER_ID,
      AT_EUID: USER_ID,
      AT_GID: USER_ID,
      AT_EGID: USER_ID,
      AT_HWCAP: 0,
      AT_CLKTCK: CLOCK_TICKS,
      AT_SECURE: 0,
    },
  });
}

/** A string of bytes, as bytes. */
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** Where the program finds its own headers; 0 when no segment has them. */
function headersAddress({ segments, programHeaders: { offset } }: ElfFile): number {
  const holder = segments.find(
    ({ fileOffset, bytes }) => offset >= fileOffset && offset < fileOffset + bytes.length,
  );
  return holder === undefined ? 0 : holder.address + (offset - holder.fileOffset);
}

function setRegisters(p: Process, entry: number, registers: Record<number, number>): void {
  const { machine } = p;
  for (const [register, value] of Object.entries(registers)) machine.setGr(Number(register), value);
  machine.setGr(31, entry);
  // sr2 leads to the gateway page, sr7 back from it; sr4 to sr7 are where addresses are looked up.
  for (const sr of [0, 1, 3, 4, 5, 6, 7]) machine.setSr(sr, BARE_SPACE);
  machine.setSr(2, 0);
  machine.setCr(CR.CR_CCR, 0xc0); // both halves of the floating-point coprocessor
  machine.psw = USER_PSW;
  machine.pcoq = queueAt(entry);
}
