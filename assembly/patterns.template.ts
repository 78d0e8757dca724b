// How operations are framed in the loop (loop.template.ts): what comes before and after a clause.
//
// `//@name` is the text of another pattern, `//@$name` that of the pattern an operation names; `$name`
// is an operand of the record, a text or a constant of the operation (host/isa/dispatch.ts), `$clause`
// the call of its clause. A case ends in `//@next`, with rp and nrp at what is next, in `//@taken` after
// a branch, which has left its lines in first and last, or in a return; `stay` returns 0 and keeps a
// position. STEP tells the two frames apart.

//@pattern step
rp = nrp;
nrp = rp + OP_BYTES;
//@next
//@end

// What every taken branch ends with stands once in each frame, behind its cases: one loop over lines in
// `loop`, and not one in each branch, lets the compiler keep rp and nrp in registers.
//@pattern taken
break;
//@end

// A taken branch to farSpace, farOffset: in another page, at another level, or to the instruction after
// its slot. The target is translated when it is about to run.
//@pattern away
last = nrp - page() <= LAST_RECORD ? nrp : page() + LAST_RECORD;
first = start();
const area = farArea(nrp);
setArea(area, farSpace, farOffset);
addBias(<i32>(nrp + OP_BYTES - area) >> 4);
setStart(NONE);
if ($skip) { rp = area; nrp = area + OP_BYTES; } else { rp = nrp; nrp = area; }
//@taken
//@end

//@pattern privileged
if (pcBase() & 3) return STEP ? trapped(I_PRIVILEGED_OPERATION, rp, nrp) : stay(rp, nrp);
//@end

//@pattern compute
$clause;
//@step
//@end

//@pattern nullify
rp = nrp + ($clause << 4);
nrp = rp + OP_BYTES;
//@next
//@end

//@pattern outcome
const outcome = $clause;
if (outcome > 1) return STEP ? trapped(outcome, rp, nrp) : stay(rp, nrp);
rp = nrp + (outcome << 4);
nrp = rp + OP_BYTES;
//@next
//@end

// Memory instructions: $space and $address are expressions over `base`; $wanted, $size are constants.
//@pattern access
const base = gr($b);
const address: u32 = $address;
const space = $space;
let entry = frontEntry(front(), address);
if ($miss) {
  if (!STEP) return stay(rp, nrp);
  entry = dataAccess(space, address, $size, $wanted);
  if (!entry) return interrupted(rp, nrp);
}
//@end

//@pattern absolute
//@privileged
const base = gr($b);
const address: u32 = $address;
const entry = absoluteAccess(address, $wanted);
if (!entry) return interrupted(rp, nrp);
//@end

//@pattern cached
const cycle = now(nrp);
if (cycle < busy()) addBias(busyStall(busy() - cycle));
const line = dataLine(entry, address), want = load<u32>(entry, FRONT_LINE_TAG);
//@end

//@pattern load
//@$access
//@cached
if ((load<u32>(line) ^ want) > 1) addBias(fillLine(line, want));
const at = address + load<u32>(entry, FRONT_DELTA);
$update;
$clause;
if (usesRegister(nrp, $t)) addBias(interlock(nrp, $t));
//@step
//@end

//@pattern store
//@$access
//@cached
if (load<u32>(line) != (want | 1)) addBias(writeLine(line, want));
setBusy(now(nrp) + load<i32>(0, TIME_STORE_BUSY));
const at = address + load<u32>(entry, FRONT_DELTA);
$clause;
$update;
//@step
//@end

//@pattern semaphore
//@$access
//@cached
if (load<u32>(line) != (want | 1)) addBias(writeLine(line, want));
setBusy(now(nrp) + load<i32>(0, TIME_STORE_BUSY));
const at = address + load<u32>(entry, FRONT_DELTA);
$update;
$clause;
if (usesRegister(nrp, $t)) addBias(interlock(nrp, $t));
//@step
//@end

// A branch to the record `target` of the page: the run ends with the slot, which is looked up early.
//@pattern arrive
first = start();
last = nrp;
addBias(<i32>(nrp + OP_BYTES - target) >> 4);
setStart(target);
//@end

// A branch in the page: $target is the distance of the target's record.
//@pattern near
const target = rp + $target;
//@arrive
rp = nrp; nrp = target;
//@taken
//@end

//@pattern nearSkipping
const target = rp + $target;
//@arrive
rp = target; nrp = target + OP_BYTES;
//@taken
//@end

//@pattern far
const farSpace = load<u32>(0, CORE_SPACE), farOffset = pcBase() + (rp >>> 2) + 8 + $displacement;
//@away
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
  if ($target > FORWARD) addBias(mispredictStall());
  //@near
}
if ($target < FORWARD) addBias(mispredictStall());
//@step
//@end

//@pattern conditionForwardSkipping
if ($clause) {
  addBias(mispredictStall());
  //@nearSkipping
}
//@step
//@end

//@pattern conditionBackwardSkipping
if ($clause) {
  //@near
}
addBias(mispredictStall());
rp = nrp + OP_BYTES;
nrp = rp + OP_BYTES;
//@next
//@end

//@pattern conditionFar
if ($clause) {
  if ($displacement >= 0) addBias(mispredictStall());
  //@far
}
if ($displacement < 0) {
  addBias(mispredictStall());
  nrp += $n << 4;
}
//@step
//@end

// BV, BLR: the level can only get lower. Near when page, level and record allow it.
//@pattern branchRegister
const here = pcBase() + (rp >>> 2);
const link = offsetOf(nrp) + 4;
let offset = $clause;
offset = (offset & ~3) | max(offset & 3, here & 3);
addBias(load<u32>(0, TIME_BRANCH_REGISTER));
count(COUNT_REGISTER_BRANCHES, 1);
const target = page() + ((offset & 0xffc) << 2);
if (!((offset ^ here) & 0xfffff003) && rp - page() < LAST_RECORD && target != nrp + OP_BYTES) {
  //@arrive
  if ($n) { rp = target; nrp = target + OP_BYTES; } else { rp = nrp; nrp = target; }
  //@taken
}
const farSpace = load<u32>(0, CORE_SPACE), farOffset = offset;
//@away
//@end

// BE, BLE: a register names the space; BLE leaves the return point in sr0 and r31.
//@pattern branchExternal
const farSpace = sr($sr);
const link = offsetOf(nrp) + 4, linkSpace = spaceOf(nrp);
const offset = $clause;
const farOffset = (offset & ~3) | max(offset & 3, pcBase() & 3);
addBias(chargeControl($cost));
//@away
//@end

// GATE: an illegal instruction after a taken branch; else the page says which level it leads to.
//@pattern gate
if (nrp != rp + OP_BYTES) return trapped(I_ILLEGAL, rp, nrp);
const here = pcBase() + (rp >>> 2);
const level = gateLevel(here);
setGr($t, (gr($tIn) & ~3) | (here & 3));
const farSpace = load<u32>(0, CORE_SPACE), farOffset = ((here + 8 + $displacement) & ~3) | level;
addBias(chargeControl(TIME_GATE));
//@away
//@end

//@pattern control
const effect = $clause;
if (effect > ATTENTION) return STEP ? trapped(effect, rp, nrp) : stay(rp, nrp);
addBias(chargeControl($cost));
rp = nrp; nrp = rp + OP_BYTES;
if (effect == ATTENTION && needsAttention()) {
  stay(rp, nrp);
  return EXIT_ATTENTION;
}
//@next
//@end

// CR16 counts cycles: all stalls up to this instruction must be known.
//@pattern readTimer
if (timerIsSecure()) return STEP ? trapped(I_PRIVILEGED_REGISTER, rp, nrp) : stay(rp, nrp);
lookUpLines(rp, nrp);
setGr($t, load<u32>(0, CORE_CYCLES) + now(nrp));
addBias(chargeControl(TIME_MFCTL));
//@step
//@end

//@pattern writeTimer
//@privileged
lookUpLines(rp, nrp);
setTimer(gr($r), load<u64>(0, CORE_CYCLES) + <u64>now(nrp));
addBias(chargeControl(TIME_MTCTL));
stay(nrp, nrp + OP_BYTES);
return EXIT_ATTENTION;
//@end

//@pattern trapping
const trap = $clause;
if (trap) return trapped(trap, rp, nrp);
addBias(chargeControl($cost));
//@step
//@end

// Flushes look the run's lines up first: they must be in the cache before they can leave it.
//@pattern flushing
if (nrp == rp + OP_BYTES && start() <= rp) {
  lookUpLines(rp, nrp);
  setStart(nrp);
}
store<u32>(0, 0, CORE_STALL);
const trap = $clause;
if (trap) return trapped(trap, rp, nrp);
addBias(chargeControl(TIME_FLUSH) + load<u32>(0, CORE_STALL));
//@step
//@end

//@pattern returning
lookUpLines(rp, nrp);
addBias(chargeControl(TIME_RFI) + <i32>(nrp >>> 4) + 1);
returnFromInterruption($restore);
addBias(-(<i32>(load<u32>(0, CORE_NRP) >>> 4)));
setStart(NONE);
return needsAttention() ? EXIT_ATTENTION : 0;
//@end

//@pattern synchronize
addBias(chargeControl(TIME_SYNC));
//@step
//@end

//@pattern escape
store<u32>(0, $u13, CORE_ESCAPE_NUMBER);
store<u32>(0, load<u32>(0, CORE_PAGE_PHYSICAL) + ((rp - page()) >>> 2), CORE_ESCAPE_ADDRESS);
if (nrp == rp + OP_BYTES && start() <= rp) {
  lookUpLines(rp, nrp);
  setStart(NONE);
}
stay(nrp, nrp + OP_BYTES);
return EXIT_ESCAPE;
//@end

//@pattern interruption
return trapped($number, rp, nrp);
//@end
