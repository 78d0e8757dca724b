// The frames that run operations: `loop` and `floatLoop`, which are fast, and `step`, which is complete.
//
// host/generate.ts puts one case for each operation of host/isa/dispatch.ts in place of the marks below,
// each framed by a pattern of patterns.template.ts, and writes assembly/generated/{loop,floatLoop,step}.ts.
//
// Position. rp and nrp are the records at the front and back of PCOQ (see fetch.ts). A normal step is
// rp = nrp, nrp += 16; to nullify the next instruction is to skip one record more.
//
// Time. The cycle at which the instruction at rp issues is `bias + (nrp >>> 4)`: nrp advances by one
// record a cycle, so straight code needs no counting. Where nrp jumps, bias makes up for it; a stall is
// added to bias. I-cache lines are looked up a run at a time: `start` is the first record, of the
// sequential run that holds nrp, whose line was not looked up yet (NONE: there is no run in the current
// page). An I stall also moves `busy`, so it does not matter when a run's lines are looked up, and
// accounting is the same wherever a slice ends.
//
// Timing rules (PA-7000): one cycle an instruction; +load_use if the next executed instruction reads a
// load's target; after a store at cycle c no load or store issues before c + store_busy; misses stall.
// Floating point has its own, in float/timing.ts.
//
// `loop` makes no calls: then, and only then, the compiler keeps rp and nrp in registers across the
// dispatch, which is worth a third of the speed. All it cannot do by itself (a page that the front does
// not know, a trap, an operation that is not in it) it leaves, before any effect, to `step`, which runs
// that one instruction whole. Both return 0, or the reason to return to run().
//
// To be compiled so, a loop must also stay small: above 8,192 virtual registers V8 uses a simpler register
// allocator, which keeps all that outlives a case in memory (measured: a quarter of the speed). Hence
// two loops, floating-point operations having their own with the integer ones that go with them, no rare
// forms in either (host/isa/generate-core.ts says which), and one tail for all taken branches.
//@common
import { count, dataLine, fetchLine, fetchLines, fillLine, writeLine } from "../cache";
import { accessTag, fetchEntry, fetchTag, frontEntry } from "../context";
import { decodeRecord, enterPage, farArea, gateLevel, inArea, offsetOf, setArea, spaceOf, wordAt } from "../fetch";
import { arrive, breaksAt, eventsFull, interrupted, passProbe, takeLoad, trapped } from "../flow";
import { keepAddress, QUAD_STORE_ENABLE } from "../float/assist";
import { armTrap, floatTrap } from "../float/status";
import {
  allReady, aluFree, floatIssue, floatTime, halfLoaded, halfReady, halfStored, halfWritten, multiplierFree, testReady,
  testWritten, useAlu, useMultiplier, wholeLoaded, wholeReady, wholeStored, wholeWritten,
} from "../float/timing";
import { needsAttention, returnFromInterruption, setTimer } from "../interrupt";
import { absoluteAccess, dataAccess } from "../memory";
import { gr, setGr, sr } from "../state";
import {
  addBias, busy, busyStall, chargeControl, FORWARD, front, interlock, limit, lookUpLines, mispredictStall, NONE,
  now, OP_BYTES, page, pcBase, setBusy, setStart, start, stay, stop, usesRegister,
} from "../loop-state";
import { ATTENTION, timerIsSecure } from "../exec/system";
import { ARRIVED, meet, noteTarget } from "../translated";
//@imports

//@frame loop
const STEP: bool = false;

/** Runs operations until one is not for this loop (0) or a taken branch meets the limit. */
export function $name(): u32 {
  let rp = load<u32>(0, CORE_RP), nrp = load<u32>(0, CORE_NRP);
  while (true) {
    //@locals
    const op: u32 = load<u16>(rp);
    switch (op) {
      //@cases
      // The end of a page, or an arrival, at the same level and in a page that the I front knows. (No
      // case of its own: the numbers of cases must be close together to become a table.)
      default: {
        if (op != OP_LEAVE) return stay(rp, nrp);
        const space = spaceOf(rp), offset = offsetOf(rp);
        const fetchFront = load<u32>(0, CORE_FETCH_FRONT);
        if (!fetchFront || space != load<u32>(0, CORE_SPACE) || (offset & 3) != load<u32>(0, CORE_PRIVILEGE) || nrp != rp + OP_BYTES ||
            load<u32>(0, CORE_PENDING)) return stay(rp, nrp);
        const entry = fetchEntry(fetchFront, offset);
        if (load<u64>(entry) != fetchTag(space, offset)) return stay(rp, nrp);
        const end = page() + LAST_RECORD;
        if (!inArea(rp) && start() <= end) {
          const stall = fetchLines(start(), end);
          setBusy(busy() + stall);
          addBias(stall);
        }
        if (now(nrp) >= stop()) return stay(rp, nrp);
        enterPage(entry, space, offset);
        rp = page() + ((offset & 0xffc) << 2);
        addBias(<i32>(nrp - rp - OP_BYTES) >> 4);
        nrp = rp + OP_BYTES;
        setStart(rp);
        if (!meet(rp, ARRIVED)) continue;
        stay(rp, nrp);
        return EXIT_HOT;
      }
    }
    //@tails
  }
}
//@end

//@frame step
const STEP: bool = true;

/** Runs the one operation at the position, whatever it is. */
export function step(): u32 {
  let rp = load<u32>(0, CORE_RP), nrp = load<u32>(0, CORE_NRP);
  let op: u32 = load<u16>(rp);
  if (op == OP_PROBE) {
    if (breaksAt(rp, nrp)) return EXIT_BREAKPOINT;
    if (eventsFull()) return EXIT_EVENTS;
    passProbe(rp, nrp);
    op = load<u16>(rp, RECORD_REAL_OP);
  } else if (op == OP_TRANSLATED) op = load<u16>(rp, RECORD_REAL_OP);
  //@locals
  do {
    switch (op) {
      //@cases
      case OP_DECODE: {
        decodeRecord(rp);
        takeLoad(rp);
        continue;
      }
      case OP_LEAVE:
      default: return arrive(rp, nrp);
    }
    //@tails
  } while (false);
  return stay(rp, nrp);
}
//@end
