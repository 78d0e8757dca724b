// Where running goes when it does not go on to the next record: arrivals, interruptions, probes, the end
// of a call of the loops. Each function is called with the position (rp, nrp), keeps the books of
// loop-state.ts, leaves the next position in CORE_RP and CORE_NRP, and returns 0 or an EXIT code.
import { AREA0, FAR, inArea, leave, offsetOf, spaceOf, SPLIT, wordAt } from "./fetch";
import { advanceEpoch } from "./float/timing";
import { raise } from "./interrupt";
import {
  addBias, busy, loadUseStall, lookUpLines, NONE, now, OP_BYTES, page, pcBase, setBusy, setStart, stallForLines, start,
  stay, stop, usesRegister,
} from "./loop-state";
import { changeAccount, changeLevel } from "./account";
import { isBreakpoint, logEvent, logProbe } from "./probe";
import { ARRIVED, meet } from "./translated";
import { OP_DECODE } from "./generated/operations";
import {
  CORE_ACCOUNTING, CORE_BACK_OFFSET, CORE_BACK_SPACE, CORE_BIAS, CORE_CYCLES, CORE_EVENT_COUNT, CORE_EVENT_READ, CORE_FRONT_OFFSET,
  CORE_FRONT_SPACE, CORE_NRP, CORE_PASS, CORE_PENDING, CORE_RP, CORE_SHAPE, CORE_SPACE, CORE_TRAP, EVENT_SLOTS, EXIT_HALT, EXIT_HOT, EXIT_LIMIT,
  LAST_RECORD, TIME_INTERRUPTION,
} from "./generated/abi";

/** Begins a call: cycle 0 is when the instruction at the position issues. */
export function open(): void {
  store<i32>(0, -(<i32>(load<u32>(0, CORE_NRP) >>> 4)), CORE_BIAS);
  setStart(NONE);
}

/**
 * Ends a call: settles lines, cycles and PCOQ. The line of the instruction at the position is not looked
 * up: a boundary is before its fetch, however it is come to.
 */
export function settle(): void {
  const rp = load<u32>(0, CORE_RP), nrp = load<u32>(0, CORE_NRP);
  if (nrp == rp + OP_BYTES) {
    const last = rp - page() <= LAST_RECORD ? rp - OP_BYTES : page() + LAST_RECORD;
    if (start() <= last) stallForLines(start(), last);
  }
  store<u32>(0, nrp == rp + OP_BYTES ? 0 : inArea(nrp) && !inArea(rp) ? FAR : SPLIT, CORE_SHAPE);
  const cycle = now(nrp);
  store<u64>(0, load<u64>(0, CORE_CYCLES) + <u64>cycle, CORE_CYCLES);
  setBusy(max(busy() - cycle, 0));
  advanceEpoch(cycle);
  store<u32>(0, spaceOf(rp), CORE_FRONT_SPACE);
  store<u32>(0, offsetOf(rp), CORE_FRONT_OFFSET);
  store<u32>(0, spaceOf(nrp), CORE_BACK_SPACE);
  store<u32>(0, offsetOf(nrp), CORE_BACK_OFFSET);
}

/** Takes interruption CORE_TRAP. */
export function interrupted(rp: u32, nrp: u32): u32 {
  if (rp - page() <= LAST_RECORD) lookUpLines(rp, nrp);
  if (!raise(load<u32>(0, CORE_TRAP), rp, nrp)) {
    stay(rp, nrp);
    return EXIT_HALT;
  }
  addBias(load<u32>(0, TIME_INTERRUPTION) + (<i32>(nrp - AREA0 - OP_BYTES) >> 4));
  setStart(NONE);
  return stay(AREA0, AREA0 + OP_BYTES);
}

/** Takes an interruption that has no address in ISR and IOR. */
export function trapped(number: u32, rp: u32, nrp: u32): u32 {
  store<u32>(0, number, CORE_TRAP);
  return interrupted(rp, nrp);
}

/** A load left its target to be asked for by the instruction at `rp`, which is known now. */
export function takeLoad(rp: u32): void {
  const handle = load<u32>(0, CORE_PENDING);
  if (!handle || <u32>load<u16>(rp) == OP_DECODE) return;
  store<u32>(0, 0, CORE_PENDING);
  if (usesRegister(rp, handle)) addBias(loadUseStall());
}

/** rp is a LEAVE record: the address that it stands for is translated, and its page entered. */
export function arrive(rp: u32, nrp: u32): u32 {
  const end = page() + LAST_RECORD;
  if (!inArea(rp) && start() <= end) {
    stallForLines(start(), end);
    setStart(NONE);
  }
  if (now(nrp) >= stop()) {
    stay(rp, nrp);
    return EXIT_LIMIT;
  }
  if (!leave(rp, nrp)) return interrupted(rp, nrp);
  const cycle = now(nrp);
  const cycles = load<u64>(0, CORE_CYCLES) + <u64>cycle;
  changeLevel(cycles);
  if (load<u32>(0, CORE_ACCOUNTING)) changeAccount(cycles);
  const here = load<u32>(0, CORE_RP), next = load<u32>(0, CORE_NRP);
  store<i32>(0, cycle - <i32>(next >>> 4), CORE_BIAS);
  setStart(here);
  if (next == here + OP_BYTES) {
    takeLoad(here);
    return meet(here, ARRIVED) ? EXIT_HOT : 0;
  }
  stallForLines(here, here);
  setStart(inArea(next) ? NONE : next);
  takeLoad(here);
  return 0;
}

/** Whether the host must take events before the next one is written. */
export function eventsFull(): bool {
  return load<u32>(0, CORE_EVENT_COUNT) - load<u32>(0, CORE_EVENT_READ) >= EVENT_SLOTS;
}

/** The cycle, of all that ever were, at which the instruction at the position issues. */
function cycleOf(nrp: u32): u64 { return load<u64>(0, CORE_CYCLES) + <u64>now(nrp); }

/** Whether the run must stop before the instruction at rp: a breakpoint that is not being passed. */
export function breaksAt(rp: u32, nrp: u32): bool {
  return load<u64>(0, CORE_PASS) != cycleOf(nrp) && isBreakpoint(load<u32>(0, CORE_SPACE), pcBase() + (rp >>> 2));
}

/** Logs the probe at rp, which is about to run; stall cycles up to it are in. */
export function passProbe(rp: u32, nrp: u32): void {
  lookUpLines(rp, nrp);
  logProbe(load<u32>(0, CORE_SPACE), pcBase() + (rp >>> 2), cycleOf(nrp));
}

/**
 * Logs the instruction at rp, which is about to run, with the cycle at which the one before it ended: what
 * fetching it stalls is its own.
 */
export function trace(rp: u32, nrp: u32): void {
  const passing = load<u64>(0, CORE_PASS) == cycleOf(nrp);
  logEvent(0, load<u32>(0, CORE_SPACE), pcBase() + (rp >>> 2), cycleOf(nrp), wordAt(rp));
  lookUpLines(rp, nrp);
  if (passing) store<u64>(0, cycleOf(nrp), CORE_PASS);
}
