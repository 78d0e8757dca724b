/**
 * Interruptions that the text leaves to the host: a page that must come, a timer, or a mistake of the
 * program's, which becomes a signal as Linux/hppa has it and a sentence for people.
 */
import { CR, DATA_PROTECTION_FAULTS, FPSR, INTERRUPTION } from "../abi/pa.ts";
import { decode } from "../isa/instructions.ts";
import type { Refusal, Use } from "./address-space.ts";
import { BARE } from "./layout.ts";
import { CODE, SIGNAL } from "../abi/linux/signals.ts";
import type { Process } from "./process.ts";

/** A mistake: the signal, and what is said of it if the program dies. */
export interface Mistake {
  readonly signal: number;
  readonly code: number;
  /** si_addr. */
  readonly address: number;
  /** What it was, without the place; and what is said after the place. */
  readonly name: string;
  readonly detail: string;
}

/** An address or a word, as messages have them. */
export const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, "0")}`;

/** What the interrupted instruction does to memory. */
function useOf(word: number): Use {
  const row = decode(word);
  const writes = row !== undefined && (row.kind === "store" || /^(LDCW|[FC]ST)/.test(row.name));
  return writes ? "write" : "read";
}

const VERBS: Readonly<Record<Use, string>> = {
  read: "reads",
  write: "writes",
  execute: "executes",
};

function segmentationFault(address: number, use: Use, why: Refusal): Mistake {
  const { BARE_STACK, BARE_STACK_LIMIT } = BARE;
  const behind = address - (BARE_STACK + BARE_STACK_LIMIT);
  const overflow = why === "unmapped" && behind >= 0 && behind < 1 << 20;
  const reason = overflow
    ? "behind the stack's limit"
    : why === "unmapped"
      ? "not mapped"
      : "protected";
  return {
    signal: SIGNAL.SIGSEGV,
    code: why === "unmapped" ? CODE.SEGV_MAPERR : CODE.SEGV_ACCERR,
    address,
    name: "segmentation fault",
    detail: `${VERBS[use]} ${hex(address)}, ${reason}`,
  };
}

/** An access of data: brings the page, or says why not. */
export function dataFault(p: Process, number: number): Mistake | undefined {
  const { machine } = p;
  const address = machine.cr(CR.CR_IOR);
  const use = useOf(machine.cr(CR.CR_IIR));
  const elsewhere = machine.cr(CR.CR_ISR) !== BARE.BARE_SPACE || address >= BARE.BARE_TASK_SIZE;
  const refusal = elsewhere ? "unmapped" : p.memory.touch(address, use);
  if (refusal !== undefined) return segmentationFault(address, use, refusal);
  if (!DATA_PROTECTION_FAULTS.includes(number)) return undefined;
  const detail = `${VERBS[use]} ${hex(address)}, not aligned`;
  return { signal: SIGNAL.SIGBUS, code: CODE.BUS_ADRALN, address, name: "bus error", detail };
}

/** A fetch: brings the page, or says why not. */
export function fetchFault(p: Process): Mistake | undefined {
  const { frontSpace, frontOffset } = p.machine.interruptionQueue;
  const address = (frontOffset & ~3) >>> 0;
  const elsewhere = frontSpace !== BARE.BARE_SPACE || address >= BARE.BARE_TASK_SIZE;
  const refusal = elsewhere ? "unmapped" : p.memory.touch(address, "execute");
  return refusal && segmentationFault(address, "execute", refusal);
}

/** Interruptions that are always a mistake: signal, code, name. */
const MISTAKES: Readonly<Record<number, readonly [signal: number, code: number, what: string]>> = {
  [INTERRUPTION.I_ILLEGAL]: [SIGNAL.SIGILL, CODE.ILL_ILLOPC, "illegal instruction"],
  [INTERRUPTION.I_BREAK]: [SIGNAL.SIGTRAP, CODE.TRAP_BRKPT, "break instruction"],
  [INTERRUPTION.I_PRIVILEGED_OPERATION]: [SIGNAL.SIGILL, CODE.ILL_PRVOPC, "privileged instruction"],
  [INTERRUPTION.I_PRIVILEGED_REGISTER]: [SIGNAL.SIGILL, CODE.ILL_PRVREG, "privileged register"],
  [INTERRUPTION.I_OVERFLOW]: [SIGNAL.SIGFPE, CODE.FPE_INTOVF, "integer overflow trap"],
  [INTERRUPTION.I_CONDITIONAL]: [SIGNAL.SIGFPE, CODE.FPE_CONDTRAP, "conditional trap"],
  [INTERRUPTION.I_ASSIST_EMULATION]: [
    SIGNAL.SIGILL,
    CODE.ILL_COPROC,
    "coprocessor instruction that this machine lacks",
  ],
};

/** Exceptions by the code that the exception register has in its top six bits. */
const EXCEPTIONS: readonly (readonly [bit: number, code: number, what: string])[] = [
  [0x20, CODE.FPE_FLTINV, "invalid operation"],
  [0x10, CODE.FPE_FLTDIV, "division by zero"],
  [0x08, CODE.FPE_FLTOVF, "overflow"],
  [0x04, CODE.FPE_FLTUND, "underflow"],
  [0x02, CODE.FPE_FLTRES, "inexact result"],
  [0x01, CODE.FPE_FLTUNK, "operation that is not implemented"],
];

/**
 * A floating-point instruction had an exception that the program wants trapped, and the next one was
 * about to run. The trap is cancelled: the program goes on if its handler does.
 */
export function floatMistake({ machine }: Process): Mistake {
  const address = (machine.cr(CR.CR_IIAOQ) & ~3) >>> 0;
  const register = machine.fr(0);
  const bits = Number((register >> 26n) & 0x3fn);
  machine.setFr(0, ((register >> 32n) << 32n) & ~(BigInt(FPSR.FPSR_T) << 32n));
  const [, code, detail] = EXCEPTIONS.find(([bit]) => bits & bit) ?? EXCEPTIONS.at(-1)!;
  return { signal: SIGNAL.SIGFPE, code, address, name: "floating-point exception", detail };
}

/** An interruption that neither pages nor timers explain. */
export function otherMistake(p: Process, number: number): Mistake {
  const { machine } = p;
  const address = (machine.cr(CR.CR_IIAOQ) & ~3) >>> 0;
  const [signal, code, name] = MISTAKES[number] ?? [
    SIGNAL.SIGILL,
    CODE.ILL_ILLOPC,
    `interruption ${number}`,
  ];
  return { signal, code, address, name, detail: hex(machine.cr(CR.CR_IIR)) };
}
