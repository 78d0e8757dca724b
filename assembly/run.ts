// run(): limits, and what happens between two calls of the loops.
//
// The fast loop looks at its limits only at taken branches and page ends, so it is sent off with a
// margin; the rest is stepped, with a look before every instruction. Hence a run stops at the first
// instruction boundary at or after its limit, and any slicing gives the same cycles. The interval timer
// is looked at after taken branches only (EXIT_BRANCH), however they are run.
import { decodeRecord, inArea } from "./fetch";
import { arrive, breaksAt, eventsFull, open, settle, takeLoad, trace, trapped } from "./flow";
import { floatLoop } from "./generated/floatLoop";
import { loop } from "./generated/loop";
import { step } from "./generated/step";
import { checkTimer, dueInterruption, raise, recoveryCounter, setQueue, STEPPED, takeRequest } from "./interrupt";
import { lookUpPast, now, OP_BYTES, page, setStart, stop } from "./loop-state";
import { FLOAT_END, OP_DECODE, OP_LEAVE, OP_PROBE, OP_TRANSLATED } from "./generated/operations";
import { isHot, translationOf } from "./translated";
import { watchMet } from "./watch";
import {
  CORE_AREA_OFFSET, CORE_ATTENTION, CORE_BACK_OFFSET, CORE_BACK_SPACE, CORE_CLASSIC, CORE_CYCLES, CORE_END, CORE_FRONT_OFFSET,
  CORE_FRONT_SPACE, CORE_LIMIT, CORE_NRP, CORE_PASS, CORE_PSW, CORE_RP, CORE_SAMPLE, CORE_SHAPE, CORE_STOP, CORE_TIMER,
  CORE_TRACED, CORE_TRANSLATED, CORE_WATCH_MET, EXIT_ATTENTION, EXIT_BRANCH, EXIT_BREAKPOINT, EXIT_EVENTS, EXIT_HALT, EXIT_HOT, EXIT_LIMIT,
  EXIT_WATCHPOINT, I_RECOVERY_COUNTER, LAST_RECORD, PSW_R, PSW_X,
  TIME_INTERRUPTION, TIME_MARGIN,
} from "./generated/abi";

/** Room that the relative cycle counts of one loop call have. */
const LONGEST: u64 = 0x10000000;

/** Takes an interruption from outside that is due; false when the machine must stop. */
function takeExternal(): bool {
  const number = dueInterruption();
  if (!number) return true;
  takeRequest(number);
  if (!raise(number, load<u32>(0, CORE_RP), load<u32>(0, CORE_NRP))) return false;
  store<u64>(0, load<u64>(0, CORE_CYCLES) + load<u32>(0, TIME_INTERRUPTION), CORE_CYCLES);
  store<u32>(0, 0, CORE_SHAPE);
  store<u32>(0, 0, CORE_FRONT_SPACE);
  store<u32>(0, load<u32>(0, CORE_AREA_OFFSET), CORE_FRONT_OFFSET);
  store<u32>(0, 0, CORE_BACK_SPACE);
  store<u32>(0, load<u32>(0, CORE_AREA_OFFSET) + 4, CORE_BACK_OFFSET);
  openQueue();
  return true;
}

/** Points the record pointers at PCOQ. */
function openQueue(): void {
  setQueue(
    load<u32>(0, CORE_FRONT_SPACE), load<u32>(0, CORE_FRONT_OFFSET),
    load<u32>(0, CORE_BACK_SPACE), load<u32>(0, CORE_BACK_OFFSET),
  );
}

/** Runs operations by the fast loops, with a step wherever they cannot go on, to an EXIT code. */
function runFast(): u32 {
  while (true) {
    const rp = load<u32>(0, CORE_RP), nrp = load<u32>(0, CORE_NRP);
    const op: u32 = load<u16>(rp);
    let exit = op == OP_TRANSLATED ? runTranslated(rp, nrp) : op == OP_LEAVE ? arrive(rp, nrp) : op < FLOAT_END ? floatLoop() : loop();
    if (exit) return exit;
    if (load<u32>(0, CORE_RP) != rp || load<u32>(0, CORE_NRP) != nrp) continue;
    exit = stepWatched();
    if (exit) return exit;
  }
}

/** Runs translated code at rp, if this is how it may be entered: as the first of a run. */
function runTranslated(rp: u32, nrp: u32): u32 {
  if (nrp != rp + OP_BYTES) return 0;
  lookUpPast(rp, nrp);
  setStart(rp);
  const exit = call_indirect<u32>(translationOf(rp));
  if (exit) store<u32>(0, 1, CORE_TRANSLATED);
  return exit;
}

/**
 * The oracle engine: decodes a word, switches on what it is, runs the same clauses, and keeps nothing for
 * the next time. No fast loop, no special form of an operation.
 */
function runClassic(): u32 {
  while (true) {
    decodeAgain();
    const exit = stepWatched();
    if (exit) return exit;
  }
}

/** Makes the record at the position anew from its word, unless it stands for no word. */
function decodeAgain(): void {
  const rp = load<u32>(0, CORE_RP);
  if (inArea(rp) || rp - page() > LAST_RECORD) return;
  decodeRecord(rp);
  takeLoad(rp);
}

/** A step, and whether it met a watchpoint: then the run ends behind it. */
function stepWatched(): u32 {
  const rp = load<u32>(0, CORE_RP);
  const exit = step();
  return !exit && load<u32>(0, CORE_WATCH_MET) && watchMet(rp) ? EXIT_WATCHPOINT : exit;
}

/**
 * Steps, with a look at the limit and at the recovery counter before every instruction. PSW X, the data
 * break disable bit, holds for one instruction.
 */
function runStepping(): u32 {
  let exit: u32 = 0;
  while (!exit) {
    if (load<u32>(0, CORE_CLASSIC)) decodeAgain();
    const rp = load<u32>(0, CORE_RP), nrp = load<u32>(0, CORE_NRP);
    const real = <u32>load<u16>(rp) < OP_DECODE;
    if (real) {
      lookUpPast(rp, nrp);
      if (now(nrp) >= stop()) return EXIT_LIMIT;
      if (load<u32>(0, CORE_TRACED)) {
        if (eventsFull()) return EXIT_EVENTS;
        if (<u32>load<u16>(rp) != OP_PROBE || !breaksAt(rp, nrp)) trace(rp, nrp);
      }
      if (load<u32>(0, CORE_PSW) & PSW_R && recoveryCounter()) {
        exit = trapped(I_RECOVERY_COUNTER, rp, nrp);
        continue;
      }
    }
    const once = real && (load<u32>(0, CORE_PSW) & PSW_X) != 0;
    exit = stepWatched();
    if (once) {
      store<u32>(0, load<u32>(0, CORE_PSW) & ~PSW_X, CORE_PSW);
      if (!exit) return EXIT_ATTENTION;
    }
  }
  return exit;
}

/**
 * Runs until `budget` cycles have passed or something needs the host; returns an EXIT code. Not `exact`:
 * it may return before, where stepping would begin (the caller has more to run and stepping is slow).
 */
export function run(budget: u32, exact: bool): u32 {
  const end = load<u64>(0, CORE_CYCLES) + budget;
  let look = load<u32>(0, CORE_ATTENTION);
  store<u32>(0, 0, CORE_ATTENTION);
  while (true) {
    openQueue();
    if (look && !takeExternal()) return EXIT_HALT;
    look = 0;
    const cycle = load<u64>(0, CORE_CYCLES);
    if (cycle >= end) return EXIT_LIMIT;
    const left = <u32>min(end - cycle, LONGEST), margin = load<u32>(0, TIME_MARGIN);
    const timer = <u32>min(max(load<u64>(0, CORE_TIMER), cycle) - cycle, LONGEST);
    const stepping = left <= margin || (load<u32>(0, CORE_PSW) & STEPPED) != 0 || load<u32>(0, CORE_TRACED) != 0;
    if (stepping && !exact && left <= margin) return EXIT_LIMIT;
    const stop = stepping ? left : left - margin;
    store<u32>(0, stop, CORE_STOP);
    store<u32>(0, min(min(stop, timer), load<u32>(0, CORE_SAMPLE) - 1), CORE_LIMIT);
    store<u32>(0, 0, CORE_TRANSLATED);
    open();
    let exit = stepping ? runStepping() : load<u32>(0, CORE_CLASSIC) ? runClassic() : runFast();
    settle();
    if (exit == EXIT_BREAKPOINT) store<u64>(0, load<u64>(0, CORE_CYCLES), CORE_PASS);
    if (exit == EXIT_BRANCH) {
      checkTimer();
      if (!load<u32>(0, CORE_TRANSLATED) && isHot(load<u32>(0, CORE_RP), load<u32>(0, CORE_NRP))) exit = EXIT_HOT;
    }
    if (exit == EXIT_HOT) store<u32>(0, 1, CORE_ATTENTION);
    if (exit == EXIT_BRANCH || exit == EXIT_ATTENTION) look = 1;
    else if (exit != EXIT_LIMIT) return exit;
  }
}
