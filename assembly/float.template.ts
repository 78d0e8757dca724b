// How floating-point operations are framed, as patterns.template.ts frames the others.
//
// $ready is the time at which operands and units are ready, $done what is noted of the result
// (float/timing.ts). An operation that the unit is not there for, or that a delayed trap waits for, is an
// assist trap; a load or store without the unit is one once its access is known to be allowed. The fast
// loop tries the fast clause, and leaves what that one does not do to `step` and the complete clause.

//@pattern floatOn
const assist = floatTrap();
if (assist) return STEP ? trapped(assist, rp, nrp) : stay(rp, nrp);
//@end

//@pattern float
//@floatOn
if (STEP) {
  const raised = $clause;
  if (raised) armTrap(raised, wordAt(rp));
} else if (!($fast)) return stay(rp, nrp);
const issue = floatIssue(nrp, $ready);
$done;
//@step
//@end

// An operation that is complete only.
//@pattern floatSlow
//@floatOn
const raised = $clause;
if (raised) armTrap(raised, wordAt(rp));
const issue = floatIssue(nrp, $ready);
$done;
//@step
//@end

//@pattern floatTest
//@floatOn
floatIssue(nrp, testReady());
const skipped = $clause;
//@skipping
//@end

// An operation that the unit leaves to software, by a delayed trap.
//@pattern floatUnimplemented
//@floatOn
armTrap($code, wordAt(rp));
//@step
//@end

// A reserved operation: traps at once and leaves nothing.
//@pattern floatReserved
//@floatOn
return trapped(I_ASSIST_EXCEPTION, rp, nrp);
//@end

//@pattern floatAccess
const assist = floatTrap();
if (assist && !STEP) return stay(rp, nrp);
if (STEP && assist == I_ASSIST_EXCEPTION && !$passes) return trapped(assist, rp, nrp);
//@access
if (STEP && assist == I_ASSIST_EMULATION) {
  keepAddress(space, address);
  return trapped(assist, rp, nrp);
}
//@end

//@pattern floatLoad
//@floatAccess
//@readLine
$update;
$clause;
const issue = floatTime(nrp);
$done;
//@step
//@end

//@pattern floatStore
//@floatAccess
floatIssue(nrp, $ready);
//@writeLine
$clause;
$update;
//@step
//@end

// Two registers at once, where diagnose register 0 allows it; else it is left to software.
//@pattern floatStoreQuad
//@floatAccess
if (!(load<u32>(0, CORE_DR) & QUAD_STORE_ENABLE)) {
  keepAddress(space, address);
  return trapped(I_ASSIST_EMULATION, rp, nrp);
}
floatIssue(nrp, $ready);
//@writeLine
$clause;
$update;
//@step
//@end

// Register 0, in general form.
//@pattern statusLoad
//@floatAccess
floatIssue(nrp, $ready);
//@readLine
$update;
$clause;
//@step
//@end

//@pattern statusStore
//@floatStore
//@end
