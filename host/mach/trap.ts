/**
 * Interruptions that text hands on with a complete saved state (asm/trap.s): page faults go to the
 * VM, external interrupts to the clock and the devices, a lower-privilege transfer is an AST, and
 * what is left is an exception of the thread. After the HP 700 port's trap.c.
 */
import { EXC_HP700, pcb, savedState } from "../abi/hp700.ts";
import { EXC, KERN_RETURN, VM_PROT } from "../abi/mach.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { CR, DATA_PROTECTION_FAULTS, INTERRUPTION, PSW } from "../abi/pa.ts";
import { panic } from "../diagnostic.ts";
import type { Kernel } from "./kernel.ts";
import { ast_taken } from "./kern/ast.ts";
import { exception, hasExceptionServer } from "./kern/exception.ts";
import { type Ending, type Procedure, procedureOf } from "./kern/procedure.ts";
import { threadAt } from "./kern/views.ts";
import { KernelPanic, stopped } from "./panic.ts";
import { vm_fault } from "./vm/vm-fault.ts";
import type { VmMap } from "./vm/vm-map.ts";

type State = ReturnType<typeof savedState.at>;
/** Where an interruption was taken. */
type Place = Pick<State, "iisq_head" | "iioq_head">;

/** The exception that an interruption is, where it is none of memory. */
interface Raised {
  readonly exception: number;
  readonly code: number;
  readonly subcode: number;
}

const BAD_INSTRUCTION = EXC.EXC_BAD_INSTRUCTION;
const ARITHMETIC = EXC.EXC_ARITHMETIC;
const BREAKPOINT = EXC.EXC_BREAKPOINT;

/** Interruptions that are exceptions; the subcode is the place, or the instruction. */
const EXCEPTIONS: Readonly<Record<number, readonly [number, number, "iioq_head" | "iir"]>> = {
  [INTERRUPTION.I_RECOVERY_COUNTER]: [BREAKPOINT, EXC_HP700.EXC_HP700_BREAKPOINT, "iir"],
  [INTERRUPTION.I_ILLEGAL]: [BAD_INSTRUCTION, EXC_HP700.EXC_HP700_UNIPL_INST, "iioq_head"],
  [INTERRUPTION.I_BREAK]: [BREAKPOINT, EXC_HP700.EXC_HP700_BREAKPOINT, "iir"],
  [INTERRUPTION.I_PRIVILEGED_OPERATION]: [
    BAD_INSTRUCTION,
    EXC_HP700.EXC_HP700_PRIVINST,
    "iioq_head",
  ],
  [INTERRUPTION.I_PRIVILEGED_REGISTER]: [BAD_INSTRUCTION, EXC_HP700.EXC_HP700_PRIVREG, "iioq_head"],
  [INTERRUPTION.I_OVERFLOW]: [ARITHMETIC, EXC_HP700.EXC_HP700_OVERFLOW, "iioq_head"],
  [INTERRUPTION.I_CONDITIONAL]: [ARITHMETIC, EXC_HP700.EXC_HP700_ZERO_DIVIDE, "iioq_head"],
  [INTERRUPTION.I_ASSIST_EXCEPTION]: [ARITHMETIC, EXC_HP700.EXC_HP700_FLT_INEXACT, "iioq_head"],
  [INTERRUPTION.I_ASSIST_EMULATION]: [ARITHMETIC, EXC_HP700.EXC_HP700_NOEMULATION, "iioq_head"],
  [INTERRUPTION.I_TAKEN_BRANCH]: [BREAKPOINT, EXC_HP700.EXC_HP700_TAKENBRANCH, "iir"],
};

/**
 * Handles an interruption of the current thread, whose state is at `address`.
 * Returns: "resume" or "blocked", after what it had to wait for.
 */
export function trap(k: Kernel, number: number, address: number): Procedure<Ending> | Ending {
  const state = savedState.at(k.memory, address);
  if (number === INTERRUPTION.I_EXTERNAL) {
    k.interrupts.handle();
    return isPreemptible(k, state) ? ast_taken(k) : "resume";
  }
  if (number === INTERRUPTION.I_LOWER_PRIVILEGE) {
    endForgedReturn(state);
    return isPreemptible(k, state) ? ast_taken(k) : "resume";
  }
  const access = faultAccess(k, number, state);
  if (access !== undefined) return memoryFault(k, state, access, number);
  const known = EXCEPTIONS[number] ?? panic(`trap: unexpected interruption ${number}`);
  const [kind, code, subcode] = known;
  return raise(k, number, { exception: kind, code, subcode: state[subcode] });
}

/** Whether a thread may lose the processor where it is: a server's, too, unless that hazard is on. */
function isPreemptible(k: Kernel, { iisq_head }: State): boolean {
  return (
    iisq_head !== MEMORY_MAP.KERNEL_SPACE || !(k.taskless || k.hazards.includes("no-preemption"))
  );
}

/** The saved state that the current thread's interruption is in. */
function activeState(k: Kernel): State {
  const block = threadAt(k, k.cpu.active_thread).pcb;
  const second = savedState.at(k.memory, block + pcb.offset.kss);
  return second.flags !== 0 ? second : savedState.at(k.memory, block + pcb.offset.ss);
}

/** A routine of the kernel's own panics, on behalf of the current thread. */
export function kernelPanic(k: Kernel, why: string): never {
  throw new KernelPanic(k.threadState(activeState(k), 0), why);
}

/** Takes back PSW L, and the privilege that an exit forged for a server in the kernel (§3.2). */
function endForgedReturn(state: State): void {
  state.ipsw &= ~PSW.PSW_L;
  if (state.iisq_head !== MEMORY_MAP.KERNEL_SPACE || state.iioq_head >= MEMORY_MAP.GATEWAY) return;
  state.iioq_head &= ~3;
  state.iioq_tail &= ~3;
}

/** What a page fault wanted to do with memory; undefined for other interruptions. */
function faultAccess(
  { machine }: Kernel,
  number: number,
  { iir }: Pick<State, "iir">,
): number | undefined {
  switch (number) {
    case INTERRUPTION.I_ITLB_MISS:
    case INTERRUPTION.I_INSTRUCTION_PROTECTION:
      return VM_PROT.VM_PROT_EXECUTE;
    case INTERRUPTION.I_DTLB_MISS:
    case INTERRUPTION.I_ITLB_NON_ACCESS:
    case INTERRUPTION.I_DTLB_NON_ACCESS:
    case INTERRUPTION.I_DIRTY:
      break;
    default:
      if (!DATA_PROTECTION_FAULTS.includes(number)) return undefined;
  }
  // Probes, flushes and purges need no more than reading does.
  const writes = machine.dataAccess(iir)?.writes ?? false;
  return writes ? VM_PROT.VM_PROT_READ | VM_PROT.VM_PROT_WRITE : VM_PROT.VM_PROT_READ;
}

/** Whether a data access was not aligned to its size. */
function isUnaligned({ machine }: Kernel, word: number, offset: number): boolean {
  return offset % (machine.dataAccess(word)?.alignment ?? 1) !== 0;
}

function* memoryFault(k: Kernel, state: State, access: number, number: number): Procedure<Ending> {
  const protectedFetch = number === INTERRUPTION.I_INSTRUCTION_PROTECTION;
  const [space, offset] = protectedFetch
    ? [state.iisq_head, (state.iioq_head & ~3) >>> 0]
    : [state.isr, state.ior];
  const protection = DATA_PROTECTION_FAULTS.includes(number);
  if (protection && isUnaligned(k, state.iir, offset)) {
    if (recovers(k, state)) return "resume";
    const code = EXC_HP700.EXC_HP700_UNALIGNED;
    return yield* procedureOf(
      raise(k, number, { exception: EXC.EXC_BAD_ACCESS, code, subcode: offset }),
    );
  }
  const map = mapOfSpace(k, space, state);
  const code: number =
    map === undefined
      ? EXC_HP700.EXC_HP700_BADSPACE
      : yield* procedureOf(vm_fault(k.vm, map, offset, access));
  // A wait that was broken off is no failure: the instruction finds out anew, if it still runs.
  if (code === KERN_RETURN.KERN_SUCCESS || code === KERN_RETURN.KERN_ABORTED) return "resume";
  if (recovers(k, state)) return "resume";
  return yield* procedureOf(
    raise(k, number, { exception: EXC.EXC_BAD_ACCESS, code, subcode: offset }),
  );
}

/** Whether kernel text that a server has called goes on at the thread's recovery address. */
function recovers(k: Kernel, state: State): boolean {
  const { recover } = threadAt(k, k.cpu.active_thread);
  if (recover === 0 || !inKernelText(state)) return false;
  state.iioq_head = recover;
  state.iioq_tail = recover + 4;
  return true;
}

/**
 * The map of this space, if it is the current thread's: its task's, or the client's of an INKS call; and
 * the kernel's for kernel text that is about to enter a server, and for a server without a task.
 */
function mapOfSpace(k: Kernel, space: number, state: Place): VmMap | undefined {
  const { task, inks_task } = threadAt(k, k.cpu.active_thread);
  if (space === k.spaceOf(task)) return k.vmMapOf(task);
  if (inks_task !== 0 && space === k.spaceOf(inks_task)) return k.vmMapOf(inks_task);
  const isKernels = inKernelText(state) || (k.taskless && inks_task !== 0);
  return space === MEMORY_MAP.KERNEL_SPACE && isKernels ? k.kernelVmMap : undefined;
}

/** Kernel text that a server has called (copyin, copyout): its faults have a recovery address. */
const inKernelText = ({ iisq_head, iioq_head }: Place): boolean =>
  iisq_head === MEMORY_MAP.KERNEL_SPACE && iioq_head < MEMORY_MAP.SERVER_BASE;

/**
 * Sends the exception; without anybody to send it to, the run may be told to stop instead, and stops as
 * a kernel panic if it was a server in the kernel.
 */
function raise(k: Kernel, number: number, raised: Raised): Procedure<Ending> {
  const state = activeState(k);
  const inKernel =
    state.iisq_head === MEMORY_MAP.KERNEL_SPACE && state.iioq_head < MEMORY_MAP.GATEWAY;
  if ((k.stopAtExceptions || inKernel) && !hasExceptionServer(k))
    throw stopped(k.threadState(state, number));
  return exception(k, raised.exception, raised.code, raised.subcode);
}

/** A system call number that nobody serves. The caller's state is complete. */
export function invalidSystemCall(k: Kernel, number: number): Procedure<Ending> {
  return raise(k, INTERRUPTION.I_ILLEGAL, {
    exception: EXC.EXC_BAD_INSTRUCTION,
    code: EXC_HP700.EXC_HP700_INVALID_SYSCALL,
    subcode: number >>> 0,
  });
}

/**
 * A fault in kernel text. What it touches of a task's memory, or of a server's in the kernel's space, is
 * brought in on the spot, since kernel text cannot give the processor up, and the instruction runs
 * again. What cannot be, or not without waiting for a pager, resumes at the thread's recovery
 * address: a copyin or copyout fails.
 */
export function kernelFault(k: Kernel): void {
  const { machine } = k;
  // Text says the number; an interruption that it has no handler for stopped in its vector.
  const slot = (machine.pcoq.frontOffset - k.symbol("interruption_vectors")) >>> 5;
  const number = slot < 32 ? slot : machine.cr(CR.CR_TR5);
  const thread = k.cpu.active_thread;
  const access = faultAccess(k, number, { iir: machine.cr(CR.CR_IIR) });
  const isData = access !== undefined && (access & VM_PROT.VM_PROT_EXECUTE) === 0;
  if (!isData || thread === 0) throw stopped(k.guestState(number));
  if (isThereNow(k, number, access)) return k.jump("interruption_return");
  const { recover } = threadAt(k, thread);
  if (recover === 0) throw stopped(k.guestState(number));
  machine.setInterruptionQueue({
    frontSpace: 0,
    frontOffset: recover,
    backSpace: 0,
    backOffset: recover + 4,
  });
  k.jump("interruption_return");
}

/** Whether kernel text's fault was on pageable memory, which is there now. */
function isThereNow(k: Kernel, number: number, access: number): boolean {
  const { machine } = k;
  const [space, offset] = [machine.cr(CR.CR_ISR), machine.cr(CR.CR_IOR)];
  if (space === MEMORY_MAP.KERNEL_SPACE && offset < MEMORY_MAP.EQUIVALENT_END) return false;
  const iir = machine.cr(CR.CR_IIR);
  if (DATA_PROTECTION_FAULTS.includes(number) && isUnaligned(k, iir, offset)) return false;
  const from = { iisq_head: machine.cr(CR.CR_IIASQ), iioq_head: machine.cr(CR.CR_IIAOQ) };
  const map = mapOfSpace(k, space, from);
  if (map === undefined) return false;
  return k.runNow(vm_fault(k.vm, map, offset, access)) === KERN_RETURN.KERN_SUCCESS;
}
