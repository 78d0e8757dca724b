// System control clauses (PA-RISC 1.1 manual, chapter 5).
//
// A control clause answers 0, 1 when the protection context has changed, 2 when interrupts must be
// looked at as well, or the number of an interruption (all greater than 2). Those that are called often (moves of
// temporaries) are inlined, the rest are calls.
import { dropContext, resetContexts } from "../context";
import { refreshTrap } from "../float/status";
import { carryBits, externalPending, setTimer } from "../interrupt";
import { setBlockSize } from "../tlb";
import { cr, gr, setCr, setGr, setSr, sr, Byte, Source, Target } from "../state";
import {
  CORE_DR, CORE_IIA_OFFSET_BACK, CORE_IIA_SPACE_BACK, CORE_PRIVILEGE, CORE_PSW, CORE_SR, CR_CCR, CR_EIEM,
  CR_EIRR, CR_IIAOQ, CR_IIASQ, CR_ITMR, CR_PIDR1, CR_PIDR2, CR_PIDR3, CR_PIDR4, CR_RCTR, CR_SAR, CR_TR2,
  CR_TR3, I_PRIVILEGED_REGISTER, PSW_S, TIME_D_HASH, TIME_HASH_SHIFT, TIME_I_HASH,
} from "../generated/abi";

/** What a control clause answers. */
export type Effect = u32;
export const CONTEXT: Effect = 1;
export const ATTENTION: Effect = 2;

const SYSTEM_MASK: u32 = 0xff;

// @ts-ignore: decorator
@inline function setMask(mask: u32): Effect {
  store<u32>(0, (load<u32>(0, CORE_PSW) & ~SYSTEM_MASK) | (mask & SYSTEM_MASK), CORE_PSW);
  dropContext();
  return ATTENTION;
}

// @ts-ignore: decorator
@inline export function setSystemMask(u5: Byte, t: Target): Effect {
  const old = load<u32>(0, CORE_PSW) & SYSTEM_MASK;
  setGr(t, old);
  return setMask(old | u5);
}

// @ts-ignore: decorator
@inline export function resetSystemMask(u5: Byte, t: Target): Effect {
  const old = load<u32>(0, CORE_PSW) & SYSTEM_MASK;
  setGr(t, old);
  return setMask(old & ~u5);
}

// @ts-ignore: decorator
@inline export function moveToSystemMask(r: Source): Effect { return setMask(gr(r)); }

/** The space that a memory instruction with selector `s` and base `b` uses. */
// @ts-ignore: decorator
@inline export function selectSpace(s: u32, base: u32): u32 { return s ? sr(s) : sr(4 + (base >>> 30)); }

// @ts-ignore: decorator
@inline export function loadSpaceIdentifier(b: Source, s: Byte, t: Target): Effect {
  setGr(t, selectSpace(s, gr(b)));
  return 0;
}

// @ts-ignore: decorator
@inline export function moveToSpaceRegister(r: Source, sr: Byte): Effect {
  if (sr >= 5 && load<u32>(0, CORE_PRIVILEGE)) return I_PRIVILEGED_REGISTER;
  setSr(sr, gr(r));
  return 0;
}

// @ts-ignore: decorator
@inline export function moveFromSpaceRegister(sr: Byte, t: Target): Effect {
  setGr(t, load<u32>(sr << 2, CORE_SR));
  return 0;
}

/** CR11, CR26 and CR27 may be read at every level; CR16 has its own operation. */
// @ts-ignore: decorator
@inline export function moveFromControlRegister(cr: Byte, t: Target): Effect {
  if (load<u32>(0, CORE_PRIVILEGE) && cr != CR_SAR && cr != CR_TR2 && cr != CR_TR3) return I_PRIVILEGED_REGISTER;
  setGr(t, readControl(cr));
  return 0;
}

// @ts-ignore: decorator
@inline function readControl(number: u32): u32 { return cr(number); }

/** Whether CR16 may not be read at this level: PSW S is the secure timer bit. */
// @ts-ignore: decorator
@inline export function timerIsSecure(): bool {
  return load<u32>(0, CORE_PRIVILEGE) != 0 && (load<u32>(0, CORE_PSW) & PSW_S) != 0;
}

/** MTCTL in its general form; those that are moved often have forms of their own below. */
export function moveToControlRegister(r: Source, cr: Byte): Effect {
  if (load<u32>(0, CORE_PRIVILEGE) && cr != CR_SAR) return I_PRIVILEGED_REGISTER;
  return writeControl(cr, gr(r));
}

/** MTCTL to CR24 to CR31. */
// @ts-ignore: decorator
@inline export function moveToTemporary(r: Source, cr: Byte): Effect {
  if (load<u32>(0, CORE_PRIVILEGE)) return I_PRIVILEGED_REGISTER;
  setCr(cr, gr(r));
  return 0;
}

/** MTCTL to a protection identifier. */
// @ts-ignore: decorator
@inline export function moveToProtectionId(r: Source, cr: Byte): Effect {
  if (load<u32>(0, CORE_PRIVILEGE)) return I_PRIVILEGED_REGISTER;
  setCr(cr, gr(r) & 0xffff);
  dropContext();
  return CONTEXT;
}

/** MTCTL to CR11, MTSAR. */
// @ts-ignore: decorator
@inline export function moveToShiftAmount(r: Source, cr: Byte): Effect {
  setCr(cr, gr(r) & 31);
  return 0;
}

function writeControl(number: u32, value: u32): Effect {
  switch (number) {
    case CR_SAR: setCr(CR_SAR, value & 31); return 0;
    case CR_PIDR1: case CR_PIDR2: case CR_PIDR3: case CR_PIDR4:
      setCr(number, value & 0xffff);
      dropContext();
      return CONTEXT;
    case CR_CCR:
      setCr(CR_CCR, value);
      refreshTrap();
      return 0;
    case CR_EIRR: setCr(CR_EIRR, cr(CR_EIRR) & ~value); return 0;
    case CR_EIEM: setCr(CR_EIEM, value); return ATTENTION;
    case CR_IIASQ:
      setCr(CR_IIASQ, load<u32>(0, CORE_IIA_SPACE_BACK));
      store<u32>(0, value, CORE_IIA_SPACE_BACK);
      return 0;
    case CR_IIAOQ:
      setCr(CR_IIAOQ, load<u32>(0, CORE_IIA_OFFSET_BACK));
      store<u32>(0, value, CORE_IIA_OFFSET_BACK);
      return 0;
    default: setCr(number, value); return 0;
  }
}

/** MTCPU: register 0 switches space-id hashing of the caches, 24 to 27 are sizes of block TLB entries. */
export function moveToCpuRegister(r: Source, cr: Byte): Effect {
  store<u32>(cr << 2, gr(r), CORE_DR);
  if (cr >= 24 && cr <= 27) setBlockSize(cr);
  if (cr) return CONTEXT;
  applyHashBits();
  return CONTEXT;
}

const I_HASH_ENABLE: u32 = 0x2000;
const D_HASH_ENABLE: u32 = 0x0800;
const NO_HASH: u32 = 32;

/** Makes the cache indexes follow diagnose register 0. */
function applyHashBits(): void {
  const bits = load<u32>(0, CORE_DR);
  store<u32>(0, bits & I_HASH_ENABLE ? load<u32>(0, TIME_HASH_SHIFT) : NO_HASH, TIME_I_HASH);
  store<u32>(0, bits & D_HASH_ENABLE ? load<u32>(0, TIME_HASH_SHIFT) : NO_HASH, TIME_D_HASH);
  resetContexts();
}

export function moveFromCpuRegister(cr: Byte, r: Target): Effect {
  setGr(r, load<u32>(cr << 2, CORE_DR));
  return 0;
}
