// Interruptions: the PSW as a word, taking one, returning from one, external interrupts.
//
// On an interruption (manual, chapter 4): IPSW takes the PSW; if PSW Q was 1 the queues, IIR, ISR, IOR
// and the shadow registers are written; the PSW is cleared (M is set by a machine check); the
// privilege level becomes 0; execution goes on at IVA + 32 × number, in real mode. Nothing is
// emulated: the guest's vectors do the rest.
//
// N is never set in an IPSW that we write: a nullified instruction is skipped together with the one
// that nullified it. B is set when the queue is not sequential, which is what a taken branch leaves.
import { dropContext } from "./context";
import { AREA0, AREA1, inArea, offsetOf, setArea, spaceOf, wordAt } from "./fetch";
import { carries, cr, setCr } from "./state";
import {
  CORE_CARRIES, CORE_CYCLES, CORE_FAULT_OFFSET, CORE_FAULT_SPACE, CORE_GR, CORE_HALT_INTERRUPTION,
  CORE_IIA_OFFSET_BACK, CORE_IIA_SPACE_BACK, CORE_NRP, CORE_NULLIFIED, CORE_PENDING, CORE_PRIVILEGE,
  CORE_PSW, CORE_REQUESTS, CORE_RP, CORE_SHADOW, CORE_SHAPE, CORE_TIMER, CORE_V, COUNT_INTERRUPTIONS, CR_EIEM, CR_EIRR, CR_IIAOQ,
  CR_IIASQ, CR_IIR, CR_IOR, CR_IPSW, CR_ISR, CR_IVA, CR_RCTR, I_DTLB_MISS, I_EXTERNAL, I_HPMC, I_ILLEGAL, I_LPMC,
  I_POWER_FAIL,
  I_ASSIST_EMULATION, I_PAGE_REFERENCE, I_DTLB_NON_ACCESS, I_ITLB_NON_ACCESS, LAST_RECORD, CORE_PAGE,
  PSW_B, PSW_CB, PSW_E, PSW_I, PSW_M, PSW_N, PSW_Q, PSW_R, PSW_T, PSW_V, PSW_X, SIZEOF_RECORD,
  TIME_HALT_WITHOUT_Q,
} from "./generated/abi";

/** PSW bits that are kept elsewhere than in CORE_PSW. */
const SPLIT: u32 = PSW_N | PSW_B | PSW_V | PSW_CB;

/** PSW C/B: bit 8 + k is the carry out of nibble k. */
export function carryBits(): u32 {
  // From every fourth bit to every bit, by halves.
  let bits = <u32>(carries() >>> 4) & 0x11111111;
  bits = (bits | (bits >>> 3)) & 0x03030303;
  bits = (bits | (bits >>> 6)) & 0x000f000f;
  return ((bits | (bits >>> 12)) & 0xff) << 8;
}

/** The inverse of carryBits. */
export function setCarryBits(psw: u32): void {
  let bits = (psw >>> 8) & 0xff;
  bits = (bits | (bits << 12)) & 0x000f000f;
  bits = (bits | (bits << 6)) & 0x03030303;
  bits = (bits | (bits << 3)) & 0x11111111;
  store<u64>(0, <u64>bits << 4, CORE_CARRIES);
}

/** The PSW without N and B. */
export function pswWord(): u32 {
  return load<u32>(0, CORE_PSW) | (load<u32>(0, CORE_V) ? PSW_V : 0) | carryBits();
}

export function setPswWord(psw: u32): void {
  store<u32>(0, psw & ~SPLIT, CORE_PSW);
  store<u32>(0, u32((psw & PSW_V) != 0), CORE_V);
  setCarryBits(psw);
  dropContext();
}

/** General registers that have shadows are 1, 8, 9, 16, 17, 24, 25: one alone, then three pairs. */
function saveShadows(): void {
  store<u32>(CORE_SHADOW, load<u32>(CORE_GR + 4));
  store<u64>(CORE_SHADOW + 4, load<u64>(CORE_GR + 8 * 4));
  store<u64>(CORE_SHADOW + 12, load<u64>(CORE_GR + 16 * 4));
  store<u64>(CORE_SHADOW + 20, load<u64>(CORE_GR + 24 * 4));
}

function restoreShadows(): void {
  store<u32>(CORE_GR + 4, load<u32>(CORE_SHADOW));
  store<u64>(CORE_GR + 8 * 4, load<u64>(CORE_SHADOW + 4));
  store<u64>(CORE_GR + 16 * 4, load<u64>(CORE_SHADOW + 12));
  store<u64>(CORE_GR + 24 * 4, load<u64>(CORE_SHADOW + 20));
}

/** Interruptions that leave the offending word in IIR. */
function setsIir(number: u32): bool {
  return (number >= I_ILLEGAL && number <= I_ASSIST_EMULATION);
}

/** Interruptions that leave a data address in ISR and IOR. */
function setsIor(number: u32): bool {
  return (number >= I_DTLB_MISS && number <= I_PAGE_REFERENCE) || number == I_HPMC;
}

/**
 * Takes an interruption with PCOQ at (rp, nrp). AREA0 then leads to its vector.
 * Returns false when the machine must stop: PSW Q was 0, so the guest could not tell where it was.
 */
export function raise(number: u32, rp: u32, nrp: u32): bool {
  const psw = pswWord() | (nrp != rp + SIZEOF_RECORD ? PSW_B : 0);
  const slot = COUNT_INTERRUPTIONS + (number << 2);
  store<u32>(slot, load<u32>(slot) + 1);
  setCr(CR_IPSW, psw);
  if (psw & PSW_Q) {
    setCr(CR_IIASQ, spaceOf(rp));
    setCr(CR_IIAOQ, offsetOf(rp));
    store<u32>(0, spaceOf(nrp), CORE_IIA_SPACE_BACK);
    store<u32>(0, offsetOf(nrp), CORE_IIA_OFFSET_BACK);
    if (setsIir(number) && !inArea(rp) && rp - load<u32>(0, CORE_PAGE) <= LAST_RECORD) setCr(CR_IIR, wordAt(rp));
    if (setsIor(number)) {
      setCr(CR_ISR, load<u32>(0, CORE_FAULT_SPACE));
      setCr(CR_IOR, load<u32>(0, CORE_FAULT_OFFSET));
    }
    saveShadows();
  } else if (load<u32>(0, TIME_HALT_WITHOUT_Q)) {
    store<u32>(0, number, CORE_HALT_INTERRUPTION);
    return false;
  }
  store<u32>(0, number == I_HPMC ? PSW_M : 0, CORE_PSW);
  store<u32>(0, 0, CORE_V);
  store<u64>(0, 0, CORE_CARRIES);
  store<u32>(0, 0, CORE_PRIVILEGE);
  store<u32>(0, 0, CORE_PENDING);
  setArea(AREA0, 0, cr(CR_IVA) + (number << 5));
  dropContext();
  return true;
}

/** Points CORE_RP and CORE_NRP at a queue, through the areas. CORE_SHAPE says more of it. */
export function setQueue(frontSpace: u32, frontOffset: u32, backSpace: u32, backOffset: u32): void {
  const sequential = backSpace == frontSpace && backOffset == frontOffset + 4 && !load<u32>(0, CORE_SHAPE);
  setArea(AREA0, frontSpace, frontOffset);
  if (!sequential) setArea(AREA1, backSpace, backOffset);
  store<u32>(0, AREA0, CORE_RP);
  store<u32>(0, sequential ? AREA0 + SIZEOF_RECORD : AREA1, CORE_NRP);
}

/** RFI: PSW from IPSW, PCOQ from the interruption queues. A set N skips the front instruction. */
export function returnFromInterruption(restore: u32): void {
  const psw = cr(CR_IPSW);
  setPswWord(psw);
  const backSpace = load<u32>(0, CORE_IIA_SPACE_BACK), backOffset = load<u32>(0, CORE_IIA_OFFSET_BACK);
  store<u32>(0, 0, CORE_SHAPE);
  if (psw & PSW_N) setQueue(backSpace, backOffset, backSpace, backOffset + 4);
  else setQueue(cr(CR_IIASQ), cr(CR_IIAOQ), backSpace, backOffset);
  store<u32>(0, offsetOf(load<u32>(0, CORE_RP)) & 3, CORE_PRIVILEGE);
  if (restore) restoreShadows();
}

/**
 * The interruption between instructions that is due now, the first by number; 0 when there is none. A high
 * priority machine check waits for PSW M to be 0, the others for PSW I. A recovery counter that has run out
 * comes before external interrupts: then this is 0, and stepping takes it.
 */
export function dueInterruption(): u32 {
  const psw = load<u32>(0, CORE_PSW), requests = load<u32>(0, CORE_REQUESTS);
  if (requests & (1 << I_HPMC) && !(psw & PSW_M)) return I_HPMC;
  if (requests & (1 << I_POWER_FAIL) && psw & PSW_I) return I_POWER_FAIL;
  if (recoveryPending()) return 0;
  if (externalPending()) return I_EXTERNAL;
  return requests & (1 << I_LPMC) && psw & PSW_I ? I_LPMC : 0;
}

/** What the outside asked for is done once. */
export function takeRequest(number: u32): void {
  store<u32>(0, load<u32>(0, CORE_REQUESTS) & ~(1 << number), CORE_REQUESTS);
}

/** PSW bits that only stepping respects. */
export const STEPPED: u32 = PSW_R | PSW_T | PSW_X;

/** Whether the loop must be left, to look at interrupts or to step. */
// @ts-ignore: decorator
@inline export function needsAttention(): bool {
  return (load<u32>(0, CORE_PSW) & STEPPED) != 0 || externalPending() || load<u32>(0, CORE_REQUESTS) != 0;
}

/** Whether an external interrupt is due now. */
// @ts-ignore: decorator
@inline export function externalPending(): bool {
  return (load<u32>(0, CORE_PSW) & PSW_I) != 0 && (cr(CR_EIRR) & cr(CR_EIEM)) != 0;
}

/** MTCTL to CR16: the next time the low half of the cycle count equals `value`. */
export function setTimer(value: u32, now: u64): void {
  store<u64>(0, now + <u64>(value - <u32>now), CORE_TIMER);
}

/** At a taken branch: sets EIRR bit 0 if the timer's cycle has come. */
export function checkTimer(): void {
  const timer = load<u64>(0, CORE_TIMER);
  if (load<u64>(0, CORE_CYCLES) < timer) return;
  store<u64>(0, timer + 0x100000000, CORE_TIMER);
  setCr(CR_EIRR, cr(CR_EIRR) | 0x80000000);
}

/** Whether the recovery counter's interruption is due. */
function recoveryPending(): bool {
  return (load<u32>(0, CORE_PSW) & PSW_R) != 0 && <i32>cr(CR_RCTR) < 0;
}

/** Before an instruction, with PSW R set: counts CR0 down; true when it was negative, a trap. */
export function recoveryCounter(): bool {
  const left = cr(CR_RCTR);
  if (<i32>left < 0) return true;
  setCr(CR_RCTR, left - 1);
  return false;
}
