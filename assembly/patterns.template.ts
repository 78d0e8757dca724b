// How operations are framed in the loop (loop.template.ts): what comes before and after a clause.
//
// `//@name` is the text of another pattern, `//@$name` that of the pattern an operation names; `$name`
// is an operand of the record, a text or a constant of the operation (host/isa/dispatch.ts), `$clause`
// the call of its clause. A case ends in `continue`, with rp and nrp at what is next; in `break`, with a
// taken branch for the tail that all cases share (the pattern `tails`); or in a return: `stay` returns 0
// and keeps a position. STEP tells the frames apart.

//@pattern step
rp = nrp;
nrp = rp + OP_BYTES;
continue;
//@end

// The next instruction is nullified; or is, when `skipped` is 1.
//@pattern skip
rp = nrp + OP_BYTES;
nrp = rp + OP_BYTES;
continue;
//@end

//@pattern skipping
rp = nrp + (skipped << 4);
nrp = rp + OP_BYTES;
continue;
//@end

// Taken branches. `near`: to the record `target` of the page; the run ends with the slot, which is looked
// up early. Else to farSpace, farOffset, in another page, at another level, or to the instruction after
// the slot; the target is translated when it is about to run.
// `skip` is 1 when the slot is nullified.
//@pattern locals
let near = true, target: u32 = 0, skip: u32 = 0, farSpace: u32 = 0, farOffset: u32 = 0;
//@end

//@pattern tails
if (near) {
  const stall = fetchLines(start(), nrp);
  if (stall) setBusy(busy() + stall);
  addBias(stall + (<i32>(nrp + OP_BYTES - target) >> 4));
  setStart(target);
} else {
  const last = nrp - page() <= LAST_RECORD ? nrp : page() + LAST_RECORD;
  if (start() <= last) {
    const stall = fetchLines(start(), last);
    setBusy(busy() + stall);
    addBias(stall);
  }
  target = farArea(nrp);
  setArea(target, farSpace, farOffset);
  addBias(<i32>(nrp + OP_BYTES - target) >> 4);
  setStart(NONE);
}
rp = skip ? target : nrp;
nrp = target + (skip << 4);
if (STEP && load<u32>(0, CORE_PSW) & PSW_T) return trapped(I_TAKEN_BRANCH, rp, nrp);
if (now(nrp) >= limit()) {
  stay(rp, nrp);
  return EXIT_BRANCH;
}
//@end

// In translated code: the line of one record.
//@pattern lookUpLine
const line = load<u32>(0, CORE_LINE_BASE) + (record >>> 5), tag = load<u32>(0, CORE_LINE_TAG);
if (load<u32>(line) != tag) {
  const stall = fetchLine(line, tag);
  setBusy(busy() + stall);
  addBias(stall);
}
//@end

//@pattern away
skip = $skip;
near = false;
break;
//@end

//@pattern privileged
if (pcBase() & 3) return STEP ? trapped(I_PRIVILEGED_OPERATION, rp, nrp) : stay(rp, nrp);
//@end

//@pattern compute
$clause;
//@step
//@end

//@pattern nullify
const skipped = $clause;
//@skipping
//@end

//@pattern outcome
const outcome = $clause;
if (outcome > 1) return STEP ? trapped(outcome, rp, nrp) : stay(rp, nrp);
rp = nrp + (outcome << 4);
nrp = rp + OP_BYTES;
continue;
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

//@pattern readLine
//@cached
if ((load<u32>(line) ^ want) > 1) addBias(fillLine(line, want));
const at = address + load<u32>(entry, FRONT_DELTA);
//@end

//@pattern writeLine
//@cached
if (load<u32>(line) != (want | 1)) addBias(writeLine(line, want));
setBusy(now(nrp) + load<i32>(0, TIME_STORE_BUSY));
const at = address + load<u32>(entry, FRONT_DELTA);
//@end

// After a load into $t.
//@pattern loaded
if (usesRegister(nrp, $t)) addBias(interlock(nrp, $t));
//@step
//@end

//@pattern load
//@$access
//@readLine
$update;
$clause;
//@loaded
//@end

//@pattern store
//@$access
//@writeLine
$clause;
$update;
//@step
//@end

//@pattern semaphore
//@$access
//@cached
if (load<u32>(line) != (want | 1)) addBias(writeLine(line, want));
addBias(chargeControl(TIME_SEMAPHORE));
setBusy(now(nrp) + load<i32>(0, TIME_STORE_BUSY));
const at = address + load<u32>(entry, FRONT_DELTA);
$update;
$clause;
//@loaded
//@end

// A branch in the page: $target is the distance of the target's record.
//@pattern near
target = rp + $target;
break;
//@end

//@pattern nearSkipping
target = rp + $target;
skip = 1;
break;
//@end

//@pattern far
farSpace = load<u32>(0, CORE_SPACE);
farOffset = pcBase() + (rp >>> 2) + 8 + $displacement;
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
//@skip
//@end

//@pattern conditionFar
if ($clause) {
  if ($displacement >= 0) addBias(mispredictStall());
  //@far
}
if ($displacement < 0) {
  addBias(mispredictStall());
  if ($n) {
    //@skip
  }
}
//@step
//@end

// Where a register branch leads is noted for the translator.
//@pattern noteTarget
noteTarget(rp, target, skip);
//@end

// BV, BLR: the level can only get lower. Near when page, level and record allow it.
//@pattern branchRegister
const here = pcBase() + (rp >>> 2);
const link = offsetOf(nrp) + 4;
let offset = $clause;
offset = (offset & ~3) | max(offset & 3, here & 3);
addBias(load<u32>(0, TIME_BRANCH_REGISTER));
count(COUNT_REGISTER_BRANCHES, 1);
target = page() + ((offset & 0xffc) << 2);
skip = $n;
if (!((offset ^ here) & 0xfffff003) && rp - page() < LAST_RECORD && target != nrp + OP_BYTES) {
  //@noteTarget
  break;
}
farSpace = load<u32>(0, CORE_SPACE);
farOffset = offset;
near = false;
break;
//@end

// BE, BLE: a register names the space; BLE leaves the return point in sr0 and r31.
//@pattern branchExternal
farSpace = sr($sr);
const link = offsetOf(nrp) + 4, linkSpace = spaceOf(nrp);
const offset = $clause;
farOffset = (offset & ~3) | max(offset & 3, pcBase() & 3);
addBias(chargeControl($cost));
//@away
//@end

// GATE: an illegal instruction after a taken branch; else the page says which level it leads to.
//@pattern gate
if (nrp != rp + OP_BYTES) return trapped(I_ILLEGAL, rp, nrp);
const here = pcBase() + (rp >>> 2);
const level = gateLevel(here);
setGr($t, (gr($tIn) & ~3) | (here & 3));
farSpace = load<u32>(0, CORE_SPACE);
farOffset = ((here + 8 + $displacement) & ~3) | level;
addBias(chargeControl(TIME_GATE));
//@away
//@end

//@pattern control
const effect = $clause;
if (effect > ATTENTION) return STEP ? trapped(effect, rp, nrp) : stay(rp, nrp);
addBias(chargeControl($cost));
if (effect == ATTENTION && needsAttention()) {
  stay(nrp, nrp + OP_BYTES);
  return EXIT_ATTENTION;
}
//@step
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
