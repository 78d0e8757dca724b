// The frame of translated code: each fast operation as a function of its own, a template.
//
// host/machine/translator copies the compiled bodies of these functions, one behind the other, with the
// record pointers as constants; it folds what follows from them (operands, interlocks, distances) and
// keeps registers in locals. So a template must be what the loop does: its cases are the same text. What
// differs is how one ends: `atNext`, `atSkip`, `atTaken` and `atTakenSkipping` stand for going on where the
// translator goes on by itself; the target is then the record at the displacement of the record at rp. All
// other ends return to the caller, as from the loop, with the position kept.
//
// Templates are a module of their own, never run, that build/core.wasm carries as a custom section.
//@pattern step
atNext();
return 0;
//@end

//@pattern skip
atSkip();
return 0;
//@end

//@pattern skipping
if (skipped) {
  atSkip();
  return 0;
}
atNext();
return 0;
//@end

//@pattern near
atTaken();
return 0;
//@end

//@pattern nearSkipping
atTakenSkipping();
return 0;
//@end

//@pattern noteTarget
//@end

//@frame translation
const STEP: bool = false;

// @ts-ignore: decorator
@external("at", "next") declare function atNext(): void;
// @ts-ignore: decorator
@external("at", "skip") declare function atSkip(): void;
// @ts-ignore: decorator
@external("at", "taken") declare function atTaken(): void;
// @ts-ignore: decorator
@external("at", "takenSkipping") declare function atTakenSkipping(): void;

/** Looks up the line of one record of the page. */
export function lookUpLine(record: u32, _: u32): u32 {
  //@lookUpLine
  atNext();
  return 0;
}

/** A run of sequential records begins. */
export function begin(record: u32, _: u32): u32 {
  setStart(record);
  atNext();
  return 0;
}

/** A branch with its slot at `slot` was taken; lines up to the slot's are looked up. */
export function turn(slot: u32, target: u32): u32 {
  addBias(<i32>(slot + OP_BYTES - target) >> 4);
  setStart(target);
  atNext();
  return 0;
}

/** A taken branch has led to this position. */
export function pass(rp: u32, nrp: u32): u32 {
  if (now(nrp) >= limit()) {
    stay(rp, nrp);
    return EXIT_BRANCH;
  }
  atNext();
  return 0;
}

/** Translated code ends here. */
export function leave(rp: u32, nrp: u32): u32 {
  return stay(rp, nrp);
}

//@end

//@frame template
export function $name(rp: u32, nrp: u32): u32 {
  //@locals
  do {
    //@case
  } while (false);
  //@tails
  return stay(rp, nrp);
}
//@end
