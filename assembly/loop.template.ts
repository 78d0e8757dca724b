// The run loop's frame. host/generate.ts replaces the patterns below by one case for each operation
// of host/isa/dispatch.ts and writes assembly/generated/loop.ts (STEP false) and step.ts (STEP true).
//
// Position. rp and nrp are the records at the front and back of PCOQ (see fetch.ts). A normal step is
// rp = nrp, nrp += 16; nullifying the next instruction is nrp += 16 before that step.
//
// Time. The cycle at which the instruction at rp issues is `bias + (nrp >>> 4)`: nrp advances by one
// record a cycle, so straight code needs no counting. Where nrp jumps, bias makes up for it; a stall is
// bias += n. I-cache lines are looked up a run at a time: `start` is the first record, of the sequential
// run that holds nrp, whose line was not looked up yet (NONE: there is no run in the current page). An
// I stall also moves `busy`, so it does not matter when a run's lines are looked up, and accounting is
// the same wherever a slice ends.
//
// Timing rules (PA-7000): one cycle an instruction; +load_use if the next executed instruction reads a
// load's target; after a store at cycle c no load or store issues before c + store_busy; misses stall.
//
// STEP is the loop that also stops at exact cycles, counts CR0 and takes taken-branch traps.
import { dataLine, count, fetchLines, fillLine, writeLine } from "../cache";
import { accessTag, frontEntry } from "../context";
import { AREA0, AREA1, decodeRecord, gateLevel, inArea, leave, offsetOf, setArea, spaceOf } from "../fetch";
import { needsAttention, raise, recoveryCounter, returnFromInterruption, setTimer } from "../interrupt";
import { absoluteAccess, dataAccess } from "../memory";
import { probeAt } from "../probe";
import { gr, setGr, sr } from "../state";
import { ATTENTION, timerIsSecure } from "../exec/system";
//@imports
const STEP: bool = $step;
const NONE: u32 = 0xffffffff;
const OP_BYTES: u32 = 16;
/** Distance of the record that displacement 0 leads to: less is backward. */
const FORWARD: i32 = 32;

// What changes rarely lives in memory, so that the registers are left to what changes always.
// @ts-ignore: decorator
@inline function page(): u32 { return load<u32>(0, CORE_PAGE); }
// @ts-ignore: decorator
@inline function pcBase(): u32 { return load<u32>(0, CORE_PC_BASE); }
// @ts-ignore: decorator
@inline function stop(): i32 { return load<i32>(0, CORE_STOP); }
// @ts-ignore: decorator
@inline function limit(): i32 { return load<i32>(0, CORE_LIMIT); }
// @ts-ignore: decorator
@inline function setTrap(number: u32): void { store<u32>(0, number, CORE_TRAP); }
// @ts-ignore: decorator
@inline function setExit(code: u32): void { store<u32>(0, code, CORE_EXIT); }
// @ts-ignore: decorator
@inline function usesRegister(record: u32, handle: u32): u32 { return (load<u32>(record, RECORD_MASK) >>> (handle >>> 2)) & 1; }

/** The load at hand stalls its successor, unless that one is not decoded yet and must be asked later. */
// @ts-ignore: decorator
@inline function interlock(next: u32, handle: u32): u32 {
  if (<u32>load<u16>(next) >= OP_DECODE) {
    store<u32>(0, handle, CORE_PENDING);
    return 0;
  }
  return loadUseStall();
}

// @ts-ignore: decorator
@inline function loadUseStall(): u32 {
  count(COUNT_LOAD_USES, 1);
  return load<u32>(0, TIME_LOAD_USE);
}

// @ts-ignore: decorator
@inline function busyStall(stall: u32): u32 {
  count(COUNT_STORE_BUSY, stall);
  return stall;
}

// @ts-ignore: decorator
@inline function mispredictStall(): u32 {
  count(COUNT_MISPREDICTS, 1);
  return load<u32>(0, TIME_MISPREDICT);
}

// @ts-ignore: decorator
@inline function chargeControl(cost: u32): u32 {
  const stall = load<u32>(cost);
  count(COUNT_CONTROL, stall);
  return stall;
}

function logEvent(space: u32, address: u32, cycle: u64): void {
  const id = probeAt(space, address);
  if (!id) return;
  const number = load<u32>(0, CORE_EVENT_COUNT);
  const slot = EVENTS + (number & (EVENT_SLOTS - 1)) * SIZEOF_EVENT;
  store<u32>(slot, id, EVENT_ID);
  store<u32>(slot, address, EVENT_ADDRESS);
  store<u64>(slot, cycle, EVENT_CYCLE);
  store<u32>(0, number + 1, CORE_EVENT_COUNT);
}

export function $loop(): u32 {
  let rp = load<u32>(0, CORE_RP), nrp = load<u32>(0, CORE_NRP);
  let bias: i32 = -(<i32>(nrp >>> 4)), busy = load<i32>(0, CORE_BUSY);
  let start = NONE, front = load<u32>(0, CORE_FRONT);
  let op: u32 = load<u16>(rp);
  while (true) {
    if (STEP && op < OP_DECODE) {
      if (bias + <i32>(nrp >>> 4) >= stop()) { setExit(EXIT_LIMIT); op = OP_EXIT; }
      else if (op < OP_PROBE && load<u32>(0, CORE_PSW) & PSW_R && recoveryCounter()) { setTrap(I_RECOVERY_COUNTER); op = OP_TRAP; }
    }
    switch (op) {
      //@cases
      case OP_PROBE: {
        if (load<u32>(0, CORE_EVENT_COUNT) - load<u32>(0, CORE_EVENT_READ) >= EVENT_SLOTS) { setExit(EXIT_EVENTS); op = OP_EXIT; continue; }
        if (nrp == rp + OP_BYTES && start <= rp) {
          const stall = fetchLines(start, rp);
          bias += stall; busy += stall;
        }
        logEvent(load<u32>(0, CORE_SPACE), pcBase() + (rp >>> 2), load<u64>(0, CORE_CYCLES) + <u64>(bias + <i32>(nrp >>> 4)));
        op = load<u16>(rp, RECORD_REAL_OP);
        continue;
      }
      case OP_DECODE: {
        decodeRecord(rp);
        const pending = load<u32>(0, CORE_PENDING);
        if (pending) {
          store<u32>(0, 0, CORE_PENDING);
          if (usesRegister(rp, pending)) bias += loadUseStall();
        }
        op = load<u16>(rp);
        continue;
      }
      // The end of a page, or an arrival: the address is translated now that it is about to run.
      case OP_LEAVE: {
        if (!inArea(rp) && start <= page() + LAST_RECORD) {
          const stall = fetchLines(start, page() + LAST_RECORD);
          bias += stall; busy += stall;
          start = NONE;
        }
        if (bias + <i32>(nrp >>> 4) >= stop()) { setExit(EXIT_LIMIT); op = OP_EXIT; continue; }
        if (!leave(rp, nrp)) { op = OP_TRAP; continue; }
        bias += <i32>(nrp >>> 4);
        rp = load<u32>(0, CORE_RP); nrp = load<u32>(0, CORE_NRP);
        bias -= <i32>(nrp >>> 4);
        front = load<u32>(0, CORE_FRONT);
        start = rp;
        if (nrp != rp + OP_BYTES) {
          const stall = fetchLines(rp, rp);
          bias += stall; busy += stall;
          start = inArea(nrp) ? NONE : nrp;
        }
        op = load<u16>(rp);
        const pending = load<u32>(0, CORE_PENDING);
        if (pending && op != OP_DECODE) {
          store<u32>(0, 0, CORE_PENDING);
          if (usesRegister(rp, pending)) bias += loadUseStall();
        }
        continue;
      }
      // A branch to CORE_FAR_*, in another page, at another level, or to the instruction after its slot.
      case OP_FAR: {
        const last = nrp - page() <= LAST_RECORD ? nrp : page() + LAST_RECORD;
        if (start <= last) {
          const stall = fetchLines(start, last);
          bias += stall; busy += stall;
        }
        const area = nrp - AREA0 < AREA1 - AREA0 ? AREA1 : AREA0;
        setArea(area, load<u32>(0, CORE_FAR_SPACE), load<u32>(0, CORE_FAR_OFFSET));
        bias += <i32>(nrp + OP_BYTES - area) >> 4;
        start = NONE;
        if (load<u32>(0, CORE_SKIP)) { rp = area; nrp = area + OP_BYTES; } else { rp = nrp; nrp = area; }
        //@taken
      }
      // A branch within the page to the record `landing`, which was computed.
      case OP_NEAR: {
        const target = load<u32>(0, CORE_LANDING);
        const stall = fetchLines(start, nrp);
        bias += stall + (<i32>(nrp + OP_BYTES - target) >> 4); busy += stall;
        start = target;
        if (load<u32>(0, CORE_SKIP)) { rp = target; nrp = target + OP_BYTES; } else { rp = nrp; nrp = target; }
        //@taken
      }
      // Interruption `trap` with the queue at (rp, nrp).
      case OP_TRAP: {
        if (nrp == rp + OP_BYTES && rp - page() <= LAST_RECORD && start <= rp) {
          const stall = fetchLines(start, rp);
          bias += stall; busy += stall;
        }
        if (!raise(load<u32>(0, CORE_TRAP), rp, nrp)) { setExit(EXIT_HALT); op = OP_EXIT; continue; }
        bias += load<u32>(0, TIME_INTERRUPTION) + (<i32>(nrp - AREA0 - OP_BYTES) >> 4);
        rp = AREA0; nrp = AREA0 + OP_BYTES;
        start = NONE; front = NO_FRONT;
        op = OP_LEAVE;
        continue;
      }
      case OP_EXIT:
      default: {
        if (nrp == rp + OP_BYTES && start <= page() + LAST_RECORD) {
          const last = rp - page() <= LAST_RECORD ? rp : page() + LAST_RECORD;
          if (start <= last) {
            const stall = fetchLines(start, last);
            bias += stall; busy += stall;
          }
        }
        const now = bias + <i32>(nrp >>> 4);
        store<u64>(0, load<u64>(0, CORE_CYCLES) + <u64>now, CORE_CYCLES);
        store<i32>(0, max(busy - now, 0), CORE_BUSY);
        store<u32>(0, spaceOf(rp), CORE_FRONT_SPACE);
        store<u32>(0, offsetOf(rp), CORE_FRONT_OFFSET);
        store<u32>(0, spaceOf(nrp), CORE_BACK_SPACE);
        store<u32>(0, offsetOf(nrp), CORE_BACK_OFFSET);
        return load<u32>(0, CORE_EXIT);
      }
    }
    rp = nrp;
    nrp += OP_BYTES;
    op = load<u16>(rp);
  }
}

//@pattern taken
if (STEP && load<u32>(0, CORE_PSW) & PSW_T) { setTrap(I_TAKEN_BRANCH); op = OP_TRAP; continue; }
if (bias + <i32>(nrp >>> 4) >= limit()) { setExit(EXIT_BRANCH); op = OP_EXIT; continue; }
op = load<u16>(rp);
continue;
//@end

//@pattern privileged
if (pcBase() & 3) { setTrap(I_PRIVILEGED_OPERATION); op = OP_TRAP; continue; }
//@end

//@pattern compute
$clause;
break;
//@end

//@pattern nullify
nrp += $clause << 4;
break;
//@end

//@pattern outcome
const outcome = $clause;
if (outcome > 1) { setTrap(outcome); op = OP_TRAP; continue; }
nrp += outcome << 4;
break;
//@end

// Memory instructions: $space and $address are expressions over `base`; $wanted, $size are constants.
//@pattern access
const base = gr($b);
const address: u32 = $address;
const space = $space;
let entry = frontEntry(front, address);
if ($miss) {
  entry = dataAccess(space, address, $size, $wanted);
  front = load<u32>(0, CORE_FRONT);
  if (!entry) { op = OP_TRAP; continue; }
}
//@end

//@pattern absolute
//@privileged
const base = gr($b);
const address: u32 = $address;
const entry = absoluteAccess(address, $wanted);
if (!entry) { op = OP_TRAP; continue; }
//@end

//@pattern cached
const now = bias + <i32>(nrp >>> 4);
if (now < busy) bias += busyStall(busy - now);
const line = dataLine(entry, address), want = load<u32>(entry, FRONT_LINE_TAG);
//@end

//@pattern load
//@$access
//@cached
if ((load<u32>(line) ^ want) > 1) bias += fillLine(line, want);
const at = address + load<u32>(entry, FRONT_DELTA);
$update;
$clause;
if (usesRegister(nrp, $t)) bias += interlock(nrp, $t);
break;
//@end

//@pattern store
//@$access
//@cached
if (load<u32>(line) != (want | 1)) bias += writeLine(line, want);
busy = bias + <i32>(nrp >>> 4) + load<i32>(0, TIME_STORE_BUSY);
const at = address + load<u32>(entry, FRONT_DELTA);
$clause;
$update;
break;
//@end

//@pattern semaphore
//@$access
//@cached
if (load<u32>(line) != (want | 1)) bias += writeLine(line, want);
busy = bias + <i32>(nrp >>> 4) + load<i32>(0, TIME_STORE_BUSY);
const at = address + load<u32>(entry, FRONT_DELTA);
$update;
$clause;
if (usesRegister(nrp, $t)) bias += interlock(nrp, $t);
break;
//@end

// A branch in the page: $target is the distance of the target's record.
//@pattern near
const target = rp + $target;
const stall = fetchLines(start, nrp);
bias += stall + (<i32>(nrp + OP_BYTES - target) >> 4); busy += stall;
start = target;
rp = nrp; nrp = target;
//@taken
//@end

//@pattern nearSkipping
const target = rp + $target;
const stall = fetchLines(start, nrp);
bias += stall + (<i32>(nrp + OP_BYTES - target) >> 4); busy += stall;
start = target;
rp = target; nrp = target + OP_BYTES;
//@taken
//@end

//@pattern far
store<u32>(0, load<u32>(0, CORE_SPACE), CORE_FAR_SPACE);
store<u32>(0, pcBase() + (rp >>> 2) + 8 + $displacement, CORE_FAR_OFFSET);
store<u32>(0, $skip, CORE_SKIP);
op = OP_FAR;
continue;
//@end

//@pattern branchNear
const link = offsetOf(nrp) + 4;
$clause;
//@near
//@end

//@pattern branchNearSkipping
const link = offsetOf(nrp) + 4;
$clause;
//@nearSkipping
//@end

//@pattern branchFar
const link = offsetOf(nrp) + 4;
$clause;
//@far
//@end

// Predicted: backward taken, forward not taken.
//@pattern conditionNear
if ($clause) {
  if ($target > FORWARD) bias += mispredictStall();
  //@near
}
if ($target < FORWARD) bias += mispredictStall();
break;
//@end

//@pattern conditionForwardSkipping
if ($clause) {
  bias += mispredictStall();
  //@nearSkipping
}
break;
//@end

//@pattern conditionBackwardSkipping
if ($clause) {
  //@near
}
bias += mispredictStall();
nrp += OP_BYTES;
break;
//@end

//@pattern conditionFar
if ($clause) {
  if ($displacement >= 0) bias += mispredictStall();
  store<u32>(0, load<u32>(0, CORE_SPACE), CORE_FAR_SPACE);
  store<u32>(0, pcBase() + (rp >>> 2) + 8 + $displacement, CORE_FAR_OFFSET);
  store<u32>(0, $n & u32($displacement >= 0), CORE_SKIP);
  op = OP_FAR;
  continue;
}
if ($displacement < 0) {
  bias += mispredictStall();
  nrp += $n << 4;
}
break;
//@end

// BV, BLR: the level can only get lower. Near when page, level and record allow it.
//@pattern branchRegister
const here = pcBase() + (rp >>> 2);
const link = offsetOf(nrp) + 4;
let offset = $clause;
offset = (offset & ~3) | max(offset & 3, pcBase() & 3);
bias += load<u32>(0, TIME_BRANCH_REGISTER);
count(COUNT_REGISTER_BRANCHES, 1);
store<u32>(0, $n, CORE_SKIP);
const target = page() + ((offset & 0xffc) << 2);
if (!((offset ^ here) & 0xfffff003) && rp - page() < LAST_RECORD && target != nrp + OP_BYTES) {
  store<u32>(0, target, CORE_LANDING);
  op = OP_NEAR;
  continue;
}
store<u32>(0, load<u32>(0, CORE_SPACE), CORE_FAR_SPACE);
store<u32>(0, offset, CORE_FAR_OFFSET);
op = OP_FAR;
continue;
//@end

// BE, BLE: a register names the space; BLE leaves the return point in sr0 and r31.
//@pattern branchExternal
store<u32>(0, sr($sr), CORE_FAR_SPACE);
const link = offsetOf(nrp) + 4, linkSpace = spaceOf(nrp);
let offset = $clause;
offset = (offset & ~3) | max(offset & 3, pcBase() & 3);
store<u32>(0, offset, CORE_FAR_OFFSET);
bias += chargeControl($cost);
store<u32>(0, $n, CORE_SKIP);
op = OP_FAR;
continue;
//@end

// GATE: an illegal instruction after a taken branch; else the page says which level it leads to.
//@pattern gate
if (nrp != rp + OP_BYTES) { setTrap(I_ILLEGAL); op = OP_TRAP; continue; }
const level = gateLevel(pcBase() + (rp >>> 2));
setGr($t, (gr($tIn) & ~3) | (pcBase() & 3));
store<u32>(0, load<u32>(0, CORE_SPACE), CORE_FAR_SPACE);
store<u32>(0, ((pcBase() + (rp >>> 2) + 8 + $displacement) & ~3) | level, CORE_FAR_OFFSET);
bias += chargeControl(TIME_GATE);
store<u32>(0, $n, CORE_SKIP);
op = OP_FAR;
continue;
//@end

//@pattern control
const effect = $clause;
if (effect > ATTENTION) { setTrap(effect); op = OP_TRAP; continue; }
bias += chargeControl($cost);
if (effect) {
  front = NO_FRONT;
  if (effect == ATTENTION && needsAttention()) {
    rp = nrp; nrp += OP_BYTES;
    setExit(EXIT_ATTENTION); op = OP_EXIT;
    continue;
  }
}
break;
//@end

// CR16 counts cycles: all stalls up to this instruction must be known.
//@pattern readTimer
if (timerIsSecure()) { setTrap(I_PRIVILEGED_REGISTER); op = OP_TRAP; continue; }
if (nrp == rp + OP_BYTES && start <= rp) {
  const stall = fetchLines(start, rp);
  bias += stall; busy += stall;
}
setGr($t, load<u32>(0, CORE_CYCLES) + (bias + <i32>(nrp >>> 4)));
bias += chargeControl(TIME_MFCTL);
break;
//@end

//@pattern writeTimer
//@privileged
if (nrp == rp + OP_BYTES && start <= rp) {
  const stall = fetchLines(start, rp);
  bias += stall; busy += stall;
}
setTimer(gr($r), load<u64>(0, CORE_CYCLES) + <u64>(bias + <i32>(nrp >>> 4)));
bias += chargeControl(TIME_MTCTL);
rp = nrp; nrp += OP_BYTES;
setExit(EXIT_ATTENTION); op = OP_EXIT;
continue;
//@end

//@pattern trapping
const trap = $clause;
if (trap) { setTrap(trap); op = OP_TRAP; continue; }
bias += chargeControl($cost);
break;
//@end

// Flushes look the run's lines up first: they must be in the cache before they can leave it.
//@pattern flushing
if (nrp == rp + OP_BYTES && start <= rp) {
  const stall = fetchLines(start, rp);
  bias += stall; busy += stall;
  start = nrp;
}
store<u32>(0, 0, CORE_STALL);
const trap = $clause;
if (trap) { setTrap(trap); op = OP_TRAP; continue; }
bias += chargeControl(TIME_FLUSH) + load<u32>(0, CORE_STALL);
break;
//@end

//@pattern returning
if (nrp == rp + OP_BYTES && start <= rp) {
  const stall = fetchLines(start, rp);
  bias += stall; busy += stall;
}
bias += chargeControl(TIME_RFI) + <i32>(nrp >>> 4) + 1;
returnFromInterruption($restore);
rp = load<u32>(0, CORE_RP); nrp = load<u32>(0, CORE_NRP);
bias -= <i32>(nrp >>> 4);
start = NONE; front = NO_FRONT;
if (needsAttention()) { setExit(EXIT_ATTENTION); op = OP_EXIT; continue; }
op = OP_LEAVE;
continue;
//@end

//@pattern synchronize
bias += chargeControl(TIME_SYNC);
break;
//@end

//@pattern escape
store<u32>(0, $wide, CORE_ESCAPE_NUMBER);
store<u32>(0, load<u32>(0, CORE_PAGE_PHYSICAL) + ((rp - page()) >>> 2), CORE_ESCAPE_ADDRESS);
if (nrp == rp + OP_BYTES && start <= rp) {
  const stall = fetchLines(start, rp);
  bias += stall; busy += stall;
  start = NONE;
}
rp = nrp; nrp += OP_BYTES;
setExit(EXIT_ESCAPE); op = OP_EXIT;
continue;
//@end

//@pattern interruption
setTrap($number);
op = OP_TRAP;
continue;
//@end
