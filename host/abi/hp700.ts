/**
 * The machine-dependent half of the kernel's layouts: saved state, PCB, stack frames, trap table and
 * page tables of the Utah HP 700 port (hp_pa/thread_status.h, pcb.h, asm.h, pte.h), with what
 * in-kernel servers added to the PCB (paper §3.2).
 */
import { numbers, struct, words } from "./struct.ts";

const general = Array.from({ length: 31 }, (_, i) => `r${i + 1}`) as [`r${number}`];

/**
 * `struct hp700_saved_state`, 60 words (mach/hp_pa/thread_status.h). The port's `tr2`, a vector's
 * scratch register, nobody needs: the thread pointer of Linux programs, cr27, is there.
 */
export const savedState = struct("saved_state", "SS", {
  flags: "u32",
  ...(words(...general) as Record<`r${RegisterNumber}`, "u32">),
  ...words(
    "sar",
    "iioq_head",
    "iisq_head",
    "iioq_tail",
    "iisq_tail",
    "eiem",
    "iir",
    "isr",
    "ior",
    "ipsw",
    "sr4",
    "sr0",
    "sr1",
    "sr2",
    "sr3",
    "sr5",
    "sr6",
    "sr7",
    "rctr",
    "pidr1",
    "pidr2",
    "ccr",
    "pidr3",
    "pidr4",
    "ptov",
    "tr1",
    "tr2",
    "fpu",
  ),
});
type RegisterNumber =
  | 1
  | 2
  | 3
  | 4
  | 5
  | 6
  | 7
  | 8
  | 9
  | 10
  | 11
  | 12
  | 13
  | 14
  | 15
  | 16
  | 17
  | 18
  | 19
  | 20
  | 21
  | 22
  | 23
  | 24
  | 25
  | 26
  | 27
  | 28
  | 29
  | 30
  | 31;

/** Bits of `saved_state.flags`. */
export const SS = numbers("", {
  SS_INTRAP: 1,
  SS_INSYSCALL: 2,
  SS_ONISTACK: 4,
  SS_PSPKERNEL: 8,
  SS_RFIRETURN: 0x10,
  /** A server's call that stays on the server's stack (paper §3.2, footnote 6). */
  SS_OWNSTACK: 0x20,
});

/**
 * `struct pcb`. `ksp` is the thread's kernel stack pointer, 0 while it runs on its kernel stack.
 * `kss` is the second saved state, for a server's calls into the kernel (paper §3.2).
 */
export const pcb = struct(
  "pcb",
  "PCB",
  { ss: ["u32", 60], sf: ["u32", 64], ksp: "u32", kss: ["u32", 60] },
  { size: 744 }, // whole doubles: `sf` is stored by the FPU
);

/** What a page fault's handler keeps while rfir restores the shadowed registers. */
export const faultQueue = struct(
  "fault_queue",
  "FAULT",
  words("iisq_front", "iisq_back", "iioq_front", "iioq_back", "ipsw"),
);

/** Stack frames (hp_pa/asm.h), bytes. */
export const FRAME = numbers("", {
  FRAME_MARKER: 32,
  /** Frame marker + kernel state (18 words) + room for 12 arguments. */
  KF_SIZE: 152,
  KERNEL_STACK_SIZE: 4096,
  /** Of `mach_msg_trap` (mach/asm/mach_msg.s). */
  MACH_MSG_FRAME: 192,
});

/** Entry of `mach_trap_table`, 16 bytes, as hp700 syscall entry indexes it. */
export const machTrap = struct(
  "mach_trap",
  "MACH_TRAP",
  words("argc", "function", "discard", "unused"),
);

/** Access rights in a TLB protection word, as the HP 700 port uses them (hp_pa/pte.h). */
export const AR = numbers("", {
  AR_KERNEL_R: 0,
  AR_KERNEL_RX: 0x02000000,
  AR_KERNEL_RWX: 0x03000000,
  AR_USER_R: 0x00f00000,
  AR_USER_RW: 0x01f00000,
  AR_USER_RX: 0x02f00000,
  AR_USER_RWX: 0x03f00000,
  /** Execute only, promotes to nothing: no level reads or writes it. */
  AR_USER_X: 0x07f00000,
  /** Execute only, promotes to privilege 0. */
  AR_GATEWAY: 0x04c00000,
});

/** Hashed page table, one-entry cache of each hash bucket (hp_pa/pte.h); 16 bytes. */
export const hptEntry = struct("hpt_entry", "HPT", words("tag", "prot", "page", "vtop"));
/** A virtual-to-physical mapping on its bucket's chain. */
export const mapping = struct(
  "mapping",
  "MAPPING",
  words(
    "hash_next",
    "hash_prev",
    "phys_next",
    "phys_prev",
    "space",
    "offset",
    "page",
    "prot",
    "sw",
  ),
);
/** Bits of `mapping.sw`. */
export const MAPPING_SW = numbers("", { MAPPING_WIRED: 1 });
/** Head of a bucket's circular chain of mappings. */
export const vtopEntry = struct("vtop_entry", "VTOP", words("next", "prev"));

/** PSW of kernel text after a trap: C, Q, P, D on, interrupts off. */
export const PSW_SETTINGS = numbers("", { KERNEL_PSW: 0x0004000e });

/** Codes of exceptions (mach/hp_pa/exception.h); for a page fault the code is vm_fault's. */
export const EXC_HP700 = numbers("", {
  EXC_HP700_INVALID_SYSCALL: 1,
  EXC_HP700_UNIPL_INST: 2,
  EXC_HP700_PRIVINST: 3,
  EXC_HP700_PRIVREG: 4,
  EXC_HP700_VM_PROT_READ: 0x101,
  EXC_HP700_BADSPACE: 0x102,
  EXC_HP700_UNALIGNED: 0x103,
  EXC_HP700_OVERFLOW: 1,
  EXC_HP700_ZERO_DIVIDE: 2,
  EXC_HP700_FLT_INEXACT: 3,
  EXC_HP700_NOEMULATION: 8,
  EXC_HP700_BREAKPOINT: 1,
  EXC_HP700_TAKENBRANCH: 2,
});

export const STRUCTS = [savedState, pcb, faultQueue, machTrap, hptEntry, mapping, vtopEntry];
export const CONSTANTS = [SS, FRAME, AR, MAPPING_SW, PSW_SETTINGS, EXC_HP700];
